import type { ApiError } from '@bramble/shared/api/api-error.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { faultyLog, type FaultyLog } from './memory/faulty-log.ts'
import type { LogRow, RevisionLog } from './log.ts'
import { createStore, type StoreDeps } from './mvcc.ts'
import { RevisionAhead, RevisionCompacted, type Entry, type Store, type StoreEvent, type WriteResult } from './store.ts'

const leases = '/coordination.k8s.io/leases/'
const isMemory = (prefix: string) => prefix === leases || prefix === '/core/events/'
const podsRevision = (store: Store) => store.revisionOf('/core/pods/')

/** One place with one log on it at a time. */
export type LogUnderTest = {
  open(): Promise<RevisionLog> | RevisionLog
  /** The power goes: what is on the disk now is all there is for the next `open`. */
  crash(): Promise<void>
  /** Ends everything and removes the disk. */
  dispose(): Promise<void>
}

/** What every backend of the store must do. Run it in the test file of each. */
export function describeStoreConformance(name: string, start: () => Promise<LogUnderTest> | LogUnderTest): void {
  describe(`a store on ${name}`, () => {
    let under: LogUnderTest | undefined
    let log: FaultyLog
    let store: Store

    const open = async (options: Omit<StoreDeps, 'log'> = {}) => {
      under ??= await start()
      log = faultyLog(await under.open())
      store = await createStore({ log, isMemory, ...options })
      return store
    }
    const crash = async (options: Omit<StoreDeps, 'log'> = {}) => {
      await under?.crash()
      return open(options)
    }
    const reopen = async () => {
      await store.close()
      return open()
    }
    afterEach(async () => {
      log.heal()
      log.release()
      await store.close()
      await under?.dispose()
      under = undefined
    })

    it('reads what was written, in key order and by page', async () => {
      await open()
      for (const name of ['b', 'd', 'a', 'c']) await written(store.create(`/core/pods/default/${name}`, name))
      await written(store.create('/core/pods/other/x', 'x'))
      await written(store.create('/core/secrets/default/a', 'secret'))
      expect(values(store.list('/core/pods/default/'))).toEqual(['a', 'b', 'c', 'd'])
      expect(store.list('/core/pods/', { limit: 2 })).toMatchObject({ more: true, remaining: 3, revision: podsRevision(store) })
      expect(values(store.list('/core/pods/', { limit: 2, after: '/core/pods/default/b' }))).toEqual(['c', 'd'])
      expect(store.list('/core/pods/', { after: '/core/pods/default/d' })).toMatchObject({ more: false, remaining: 0 })
      expect(store.list('/apps/deployments/').entries).toEqual([])
      expect(store.get('/core/pods/default/nobody')).toBeUndefined()
    })

    it('finds and follows what has one value of a field, also as it was, and what has had it', async () => {
      const fieldsOf = (key: string, value: string) => (key.startsWith('/core/pods/') ? { on: value.split(' ')[0] ?? '' } : undefined)
      await open({ fieldsOf })
      const on = (value: string) => ({ field: 'on', value })
      for (const name of ['b', 'c', 'a']) await written(store.create(`/core/pods/x/${name}`, name === 'c' ? 'm 1' : 'n 1'))
      await written(store.create('/core/pods/y/d', 'n 1'))
      await written(store.create('/core/pods/y/nowhere', ''))
      await written(store.create('/core/secrets/x/n', 'n 1'))
      const keys = (listing: { readonly entries: readonly Entry[] }) => listing.entries.map(({ key }) => key.slice(-3))
      expect(keys(store.list('/core/pods/', { where: on('n') }))).toEqual(['x/a', 'x/b', 'y/d'])
      expect(keys(store.list('/core/pods/x/', { where: on('n') }))).toEqual(['x/a', 'x/b'])
      expect(store.list('/core/pods/', { where: on('n'), limit: 1 })).toMatchObject({ more: true, remaining: 2 })
      expect(keys(store.list('/core/pods/', { where: on('n'), limit: 1, after: '/core/pods/x/a' }))).toEqual(['x/b'])
      expect(keys(store.list('/core/pods/', { where: on('nobody') }))).toEqual([])
      expect(keys(store.list('/core/secrets/', { where: on('n') }))).toEqual([])

      const revision = podsRevision(store)
      const seen: string[] = []
      const heard = (events: readonly StoreEvent[]) =>
        seen.push(...events.map(({ type, entry: { key, value } }) => `${type} ${key} ${value}`))
      const watch = store.watch('/core/pods/', revision, heard, { where: on('n') })
      const change = (key: string, value: string) => written(store.update(key, value, store.get(key)?.revision ?? 0))
      await change('/core/pods/x/a', 'm 2')
      await change('/core/pods/x/a', 'm 3')
      await change('/core/pods/x/c', 'n 2')
      await written(store.delete('/core/pods/x/b', store.get('/core/pods/x/b')?.revision ?? 0))
      const expected = ['put /core/pods/x/a m 2', 'put /core/pods/x/c n 2', 'delete /core/pods/x/b n 1']
      expect(seen).toEqual(expected)
      watch.close()
      seen.length = 0
      store.watch('/core/pods/', revision, heard, { where: on('n') }).close()
      expect(seen).toEqual(expected)
      expect(keys(store.list('/core/pods/', { where: on('n') }))).toEqual(['x/c', 'y/d'])
      expect(keys(store.list('/core/pods/', { where: on('n'), revision }))).toEqual(['x/a', 'x/b', 'y/d'])

      await crash({ fieldsOf })
      expect(keys(store.list('/core/pods/', { where: on('n') }))).toEqual(['x/c', 'y/d'])
    })

    it('takes a scope without a slash at its end for one key', async () => {
      await open()
      for (const name of ['a', 'aa', 'a/b']) await written(store.create(`/core/pods/x/${name}`, name))
      expect(values(store.list('/core/pods/x/a'))).toEqual(['a'])
      expect(values(store.list('/core/pods/x/', { after: '/core/pods/x/a' }))).toEqual(['a/b', 'aa'])
      expect(watch(store, '/core/pods/x/a', 0)).toHaveLength(1)
    })

    it('answers a create of what exists and a write of another revision with what is there', async () => {
      await open()
      const first = await written(store.create('/core/pods/a/x', '1'))
      expect(await store.create('/core/pods/a/x', '2')).toEqual({ type: 'conflict', key: '/core/pods/a/x', current: first })
      const second = await written(store.update('/core/pods/a/x', '2', first.revision))
      expect(second.revision).toBeGreaterThan(first.revision)
      expect(second.createRevision).toBe(first.createRevision)
      expect(await store.update('/core/pods/a/x', '3', first.revision)).toEqual({
        type: 'conflict',
        key: '/core/pods/a/x',
        current: second,
      })
      expect(await store.delete('/core/pods/a/x', first.revision)).toEqual({ type: 'conflict', key: '/core/pods/a/x', current: second })
      const gone = await written(store.delete('/core/pods/a/x', second.revision))
      expect(gone).toMatchObject({ value: '2', createRevision: first.createRevision })
      expect(await store.update('/core/pods/a/x', '3', second.revision)).toEqual({
        type: 'conflict',
        key: '/core/pods/a/x',
        current: undefined,
      })
      expect(store.get('/core/pods/a/x')).toBeUndefined()
    })

    it('lets one of many writers of the same revision win', async () => {
      await open()
      const { revision } = await written(store.create('/core/pods/a/x', 'start'))
      const results = await Promise.all([1, 2, 3, 4, 5].map((n) => store.update('/core/pods/a/x', String(n), revision)))
      expect(results.map(({ type }) => type)).toEqual(['written', 'conflict', 'conflict', 'conflict', 'conflict'])
      expect(store.get('/core/pods/a/x')?.value).toBe('1')
    })

    it('shows nothing of a batch before it is durable, and nothing of one that fails', async () => {
      await open()
      const seen = watch(store, '/core/pods/', podsRevision(store))
      log.hold()
      const write = store.create('/core/pods/a/x', '1')
      const other = store.create('/core/pods/a/y', '1')
      await turns()
      expect(log.proposed.length).toBeGreaterThan(1)
      expect(store.get('/core/pods/a/x')).toBeUndefined()
      log.failWith(new Error('the disk is full'))
      log.release()
      await expect(write).rejects.toThrow('the disk is full')
      await expect(other).rejects.toThrow('the disk is full')
      expect(store.list('/core/pods/').entries).toEqual([])
      expect(seen).toEqual([])

      log.heal()
      const later = await written(store.create('/core/pods/a/x', '2'))
      expect(seen).toEqual([`put /core/pods/a/x 2 @${later.revision}`])
      await reopen()
      expect(values(store.list('/core/pods/'))).toEqual(['2'])
    })

    it('has every acknowledged write after a power cut', async () => {
      await open()
      const kept = await written(store.create('/core/pods/a/kept', '1'))
      const updated = await written(store.update('/core/pods/a/kept', '2', kept.revision))
      const deleted = await written(store.create('/core/pods/a/deleted', '1'))
      await written(store.delete('/core/pods/a/deleted', deleted.revision))
      const before = podsRevision(store)
      await crash()
      expect(store.list('/core/pods/').entries).toEqual([updated])
      expect((await written(store.create('/core/pods/a/next', '1'))).revision).toBeGreaterThan(before)
    })

    it('keeps memory-only objects from the log, with revisions above all that were given before', async () => {
      await open()
      let newest = 0
      for (let i = 0; i < 250; i++) newest = (await written(store.create(`/core/events/a/${i}`, 'e'))).revision
      expect(log.proposed.flatMap(({ writes }) => writes).filter(({ key }) => key.includes('/events/'))).toEqual([])
      expect(store.list('/core/events/').entries).toHaveLength(250)
      for (let life = 0; life < 3; life++) {
        await crash()
        expect(store.list('/core/events/').entries).toEqual([])
        const { revision } = await written(store.create('/core/events/a/e', 'e'))
        expect(revision).toBeGreaterThan(newest)
        newest = revision
      }
      expect(Number.isSafeInteger(newest)).toBe(true)
    })

    it('takes memory-only changes at once, also while the log is stalled or refuses everything', async () => {
      await open()
      const seen: Entry[] = []
      const watch = store.watch(leases, store.revisionOf(leases), (events) => seen.push(...events.map(({ entry }) => entry)))
      log.hold()
      const pod = store.create('/core/pods/a/x', '1')
      await turns()
      const lease = await written(store.create(`${leases}n/a`, '0'))
      expect(store.get(`${leases}n/a`)).toEqual(lease)
      log.failWith(new Error('the disk is full'))
      log.release()
      await expect(pod).rejects.toThrow('the disk is full')
      const renewed = await written(store.update(lease.key, '1', lease.revision))
      expect(seen).toEqual([lease, renewed])
      expect(await store.update(lease.key, '2', lease.revision)).toMatchObject({ type: 'conflict', current: renewed })
      watch.close()
    })

    it('begins also on a full disk, and tells the lives apart', async () => {
      await open({ random: () => 0.5 })
      under ??= await start()
      const before = await written(store.create('/core/events/a/e', 'e'))
      await under.crash()
      const full = faultyLog(await under.open())
      full.failWith(new Error('the disk is full'))
      store = await createStore({ log: full, isMemory, random: () => 0.25 })
      log = full
      expect(() => store.watch('/core/events/', before.revision, () => {})).toThrow()
      expect(values(store.list('/core/pods/'))).toEqual([])
      await written(store.create('/core/events/a/e', 'e'))
    })

    it('tells a watcher every change after its revision, with what was there before', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/x', '1'))
      const from = podsRevision(store)
      const events: StoreEvent[] = []
      const b = await written(store.update('/core/pods/a/x', '2', a.revision))
      await written(store.create('/core/pods/b/y', '1'))
      const watcher = store.watch('/core/pods/a/', from, (batch) => events.push(...batch))
      const c = await written(store.delete('/core/pods/a/x', b.revision))
      expect(events).toMatchObject([
        { type: 'put', entry: b, previous: a },
        { type: 'delete', entry: { value: '2', revision: c.revision, createRevision: a.createRevision }, previous: b },
      ])
      watcher.close()
      await written(store.create('/core/pods/a/z', '1'))
      expect(events).toHaveLength(2)
    })

    it('lists as it was at a revision', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/a', '1'))
      const b = await written(store.create('/core/pods/a/b', '1'))
      const then = podsRevision(store)
      await written(store.update('/core/pods/a/a', '2', a.revision))
      await written(store.delete('/core/pods/a/b', b.revision))
      await written(store.create('/core/pods/a/c', '1'))
      expect(store.list('/core/pods/', { revision: then }).entries).toEqual([a, b])
      expect(store.list('/core/pods/', { revision: then, limit: 1 })).toMatchObject({
        entries: [a],
        more: true,
        remaining: 1,
        revision: then,
      })
      expect(store.list('/core/pods/', { revision: then, limit: 1, after: a.key })).toMatchObject({ entries: [b], more: false })
      expect(values(store.list('/core/pods/'))).toEqual(['2', '1'])
    })

    it('resumes a watch of written objects over a restart without a gap', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/x', '1'))
      await written(store.create('/core/events/a/e', '1'))
      const from = podsRevision(store)
      const b = await written(store.update('/core/pods/a/x', '2', a.revision))
      const c = await written(store.delete('/core/pods/a/x', b.revision))
      await crash()
      const events: StoreEvent[] = []
      store.watch('/core/pods/', from, (batch) => events.push(...batch))
      const d = await written(store.create('/core/pods/a/x', '3'))
      expect(events).toMatchObject([
        { type: 'put', entry: b, previous: a },
        { type: 'delete', entry: { revision: c.revision }, previous: b },
        { type: 'put', entry: d, previous: undefined },
      ])
    })

    it('sends a watcher of memory-only objects back to list after a restart, also from the last revision there was', async () => {
      await open()
      await written(store.create('/core/events/a/e', '1'))
      const last = store.revisionOf('/core/events/')
      await reopen()
      expect(() => store.watch('/core/events/', last, () => {})).toThrow(RevisionCompacted)
      expect(() => store.list('/core/events/', { revision: last })).toThrow(RevisionCompacted)
      store.watch('/core/events/', store.list('/core/events/').revision, () => {}).close()
    })

    it('refuses revisions that were compacted, and otherwise those it has not reached', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/x', '1'))
      const b = await written(store.update('/core/pods/a/x', '2', a.revision))
      const c = await written(store.update('/core/pods/a/x', '3', b.revision))
      const d = await written(store.create('/core/pods/a/y', '1'))
      await written(store.delete('/core/pods/a/y', d.revision))
      await store.compact({ ...store.mark(), disk: b.revision })
      expect(() => store.watch('/core/pods/', a.revision, () => {})).toThrow(RevisionCompacted)
      expect(() => store.list('/core/pods/', { revision: a.revision })).toThrow(RevisionCompacted)
      expect(() => store.watch('/core/pods/', podsRevision(store) + 1, () => {})).toThrow(RevisionAhead)
      expect(() => store.list('/core/pods/', { revision: podsRevision(store) + 1 })).toThrow(RevisionAhead)
      expect(store.list('/core/pods/', { revision: b.revision }).entries).toEqual([b])
      await store.compact(store.mark())
      await crash()
      expect(store.list('/core/pods/').entries).toEqual([c])
      expect(() => store.watch('/core/pods/', b.revision, () => {})).toThrow(RevisionCompacted)
    })

    it('remembers what it has forgotten, also when that happens twice at once', async () => {
      await open()
      const revisions: number[] = []
      let entry = await written(store.create('/core/pods/a/x', '0'))
      for (let i = 1; i < 9; i++) {
        revisions.push(entry.revision)
        entry = await written(store.update('/core/pods/a/x', String(i), entry.revision))
      }
      log.hold()
      const first = store.compact({ ...store.mark(), disk: revisions[2] as number })
      await turns()
      const second = store.compact({ ...store.mark(), disk: revisions[5] as number })
      log.release()
      await Promise.all([first, second])
      await crash()
      expect(() => store.watch('/core/pods/', revisions[4] as number, () => {})).toThrow(RevisionCompacted)
      expect(watch(store, '/core/pods/', revisions[5] as number)).toHaveLength(3)
    })

    it('lets a watcher resume from long ago where nothing was forgotten since', async () => {
      await open()
      const quiet = await written(store.create('/core/namespaces/a', '1'))
      const pod = await written(store.create('/core/pods/a/x', '1'))
      const seen = podsRevision(store)
      const changed = await written(store.update('/core/pods/a/x', '2', pod.revision))
      await store.compact({ ...store.mark(), disk: changed.revision })
      await crash()
      expect(watch(store, '/core/namespaces/', quiet.revision)).toEqual([])
      expect(() => store.watch('/core/pods/', seen, () => {})).toThrow(RevisionCompacted)
    })

    it('drops from the log what compaction made useless, and nothing else', async () => {
      await open()
      let entry = await written(store.create('/core/pods/a/x', '0'))
      for (let i = 1; i < 20; i++) entry = await written(store.update('/core/pods/a/x', String(i), entry.revision))
      const gone = await written(store.create('/core/pods/a/gone', '0'))
      await written(store.delete('/core/pods/a/gone', gone.revision))
      const last = podsRevision(store)
      await store.compact(store.mark())
      await store.close()
      const reopened = (await (under as LogUnderTest).open()) satisfies RevisionLog
      const rows: LogRow[] = []
      const loaded = await reopened.load()
      for await (const chunk of loaded.rows) rows.push(...chunk.filter(({ key }) => key.startsWith('/core/')))
      expect(rows).toMatchObject([{ revision: entry.revision, key: entry.key, value: '19' }])
      // The newest of all was a deletion and is forgotten: its revision is not given out again.
      expect(loaded.revision()).toBeGreaterThanOrEqual(last)
      await reopened.close()
      await open()
    })

    it('bounds its history by itself, each resource for itself', async () => {
      await open({ historyEvents: 10 })
      const pod = await written(store.create('/core/pods/a/x', '1'))
      for (let i = 0; i < 30; i++) await written(store.create(`/core/configmaps/a/${i}`, 'v'))
      expect(() => store.watch('/core/configmaps/', pod.revision, () => {})).toThrow(RevisionCompacted)
      store.watch('/core/pods/', pod.revision, () => {}).close()
      expect(store.list('/core/configmaps/').entries).toHaveLength(30)
    })

    it('writes several keys at once or none of them', async () => {
      await open()
      const heard: string[] = []
      store.watch('/core/services/', store.revisionOf('/core/services/'), (events) => heard.push(...events.map(({ entry }) => entry.key)))
      const claiming = (name: string) =>
        store.create(`/core/services/a/${name}`, name, { writes: [{ key: '/claims/services/ip/1', value: name, expected: 0 }] })
      const results = await Promise.all(['x', 'y', 'z'].map(claiming))
      expect(results.map(({ type }) => type)).toEqual(['written', 'conflict', 'conflict'])
      expect(results[1]).toMatchObject({ key: '/claims/services/ip/1', current: { value: 'x' } })
      expect(heard).toEqual(['/core/services/a/x'])
      const claim = store.get('/claims/services/ip/1')
      const freed = { writes: [{ key: '/claims/services/ip/1', value: null, expected: claim?.revision ?? 0 }] }
      const { entry } = (await store.delete('/core/services/a/x', store.get('/core/services/a/x')?.revision ?? 0, freed)) as {
        entry: Entry
      }
      expect(entry.value).toBe('x')
      expect(store.get('/claims/services/ip/1')).toBeUndefined()
      await crash()
      expect(store.get('/claims/services/ip/1')).toBeUndefined()
      expect(values(store.list('/core/services/'))).toEqual([])
      expect((await claiming('y')).type).toBe('written')
    })

    it('writes only while what it relies on stands as it was', async () => {
      await open()
      const space = await written(store.create('/core/namespaces/a', 'active'))
      const inSpace = (name: string, revision: number) =>
        store.create(`/core/pods/a/${name}`, name, { holds: [{ key: space.key, revision }] })
      expect((await inSpace('one', space.revision)).type).toBe('written')
      const [ended, late] = await Promise.all([store.update(space.key, 'ending', space.revision), inSpace('two', space.revision)])
      expect([ended.type, late]).toEqual(['written', { type: 'conflict', key: space.key, current: store.get(space.key) }])
      expect((await inSpace('three', 0)).type).toBe('conflict')
      expect(values(store.list('/core/pods/'))).toEqual(['one'])
    })

    it('tells when a revision is reached, or that it takes too long', async () => {
      await open()
      const next = podsRevision(store) + 1
      const stop = new AbortController()
      let isThere = false
      const reached = store.reached('/core/pods/', next, stop.signal).then(() => (isThere = true))
      await turns()
      expect(isThere).toBe(false)
      await written(store.create('/core/pods/a/x', '1'))
      await reached
      const never = store.reached('/core/pods/', next + 1000, stop.signal)
      stop.abort()
      await never
    })

    it('delivers in order also when a watcher writes from its callback', async () => {
      await open()
      await written(store.create('/core/events/a/0', '0'))
      const seen: string[] = []
      const late: string[] = []
      let wrote = false
      store.watch('/core/events/', store.revisionOf('/core/events/'), () => {
        if (wrote) return
        wrote = true
        void store.create('/core/events/a/2', '2')
        store.watch('/core/events/', store.revisionOf('/core/events/'), (events) => late.push(...events.map(({ entry }) => entry.value)))
      })
      store.watch('/core/events/', store.revisionOf('/core/events/'), (events) => seen.push(...events.map(({ entry }) => entry.value)))
      await written(store.create('/core/events/a/1', '1'))
      expect(seen).toEqual(['1', '2'])
      expect(late).toEqual([])
    })

    it('finishes what is waiting before it closes, and ends its watches', async () => {
      await open()
      const closed: string[] = []
      store.watch('/core/pods/', podsRevision(store), () => {}, { onClosed: (error) => closed.push(error.message) })
      log.hold()
      const write = store.create('/core/pods/a/x', '1')
      await turns()
      const waiting = store.create('/core/pods/a/y', '1')
      const closing = store.close()
      await expect(store.create('/core/pods/a/z', '1')).rejects.toThrow('shutting down')
      log.release()
      await Promise.all([written(write), written(waiting), closing])
      expect(closed).toEqual(['the store is closed: the hub is shutting down'])
      await open()
      expect(store.list('/core/pods/').entries).toHaveLength(2)
    })

    it('refuses more writes than may wait', async () => {
      await open({ maxWaiting: 2 })
      log.hold()
      const writes = [1, 2].map((n) => store.create(`/core/pods/a/${n}`, '1'))
      await expect(store.create('/core/pods/a/3', '1')).rejects.toMatchObject({ reason: 'TooManyRequests' })
      log.release()
      await Promise.all(writes.map(written))
    })

    it('refuses more bytes of writes than may wait, and takes short ones beside them', async () => {
      await open({ maxWaitingBytes: 25_000 })
      log.hold()
      const large = (name: string) => store.create(`/core/pods/a/${name}`, 'x'.repeat(10_000))
      const writes = [large('1'), large('2')]
      await expect(large('3')).rejects.toMatchObject({ reason: 'TooManyRequests' })
      for (let index = 0; index < 10; index++) writes.push(store.create(`/core/pods/a/short-${index}`, 'x'.repeat(1000)))
      log.release()
      await Promise.all(writes.map(written))
      await Promise.all([large('3'), large('4')].map(written))
    })

    it('takes no new objects beyond its quota, small changes an eighth further, and whatever makes room always; also after a restart', async () => {
      const told: boolean[] = []
      const options = { quotaBytes: 160_000, onQuota: (isFull: boolean) => void told.push(isFull) }
      await open(options)
      const create = (name: string, length: number) => store.create(`/core/pods/a/${name}`, 'x'.repeat(length))
      const change = (name: string, length: number, leaving = {}) => {
        const key = `/core/pods/a/${name}`
        return store.update(key, 'y'.repeat(length), store.get(key)?.revision ?? 0, leaving)
      }
      const full = { reason: 'InsufficientStorage', message: expect.stringContaining('--store-quota-mib') as string }
      for (let i = 0; i < 15; i++) await written(create(`${i}`, 10_000))
      expect(told).toEqual([])
      await expect(create('more', 10_000)).rejects.toMatchObject(full)
      expect(told).toEqual([true])
      await crash(options)
      await expect(create('more', 10_000)).rejects.toMatchObject(full)
      await expect(change('0', 20_000)).rejects.toMatchObject(full)
      for (const name of ['0', '1', '2', '4']) await written(change(name, 15_000))
      await expect(change('3', 15_000)).rejects.toMatchObject(full)
      await written(change('3', 30_000, { isLeaving: true }))
      await written(change('3', 29_000))
      // What waits for the disk counts as well.
      for (const name of ['0', '1', '2', '3', '4', '5']) await written(change(name, 1000))
      expect(told.at(-1)).toBe(false)
      log.hold()
      const waiting = Array.from({ length: 12 }, (_, i) =>
        create(`waiting-${i}`, 10_000).then(
          ({ type }) => type,
          (error: ApiError) => error.reason,
        ),
      )
      await turns()
      log.release()
      const answers = await Promise.all(waiting)
      expect(answers.filter((answer) => answer === 'InsufficientStorage').length).toBeGreaterThan(4)
      await written(store.delete('/core/pods/a/6', store.get('/core/pods/a/6')?.revision ?? 0))
      await written(create('in-its-place', 9000))
    })

    it('counts two bytes for each character of a text that has one beyond Latin-1', async () => {
      await open({ quotaBytes: 15_000 })
      await written(store.create('/core/pods/a/latin', 'é'.repeat(10_000)))
      await written(store.delete('/core/pods/a/latin', podsRevision(store)))
      await expect(store.create('/core/pods/a/wide', `${'x'.repeat(9999)}✓`)).rejects.toMatchObject({ reason: 'InsufficientStorage' })
    })

    it('lets the oldest of a memory-only resource go when it has too many or too much, also while the disk stands', async () => {
      const boundOf = (prefix: string) =>
        prefix === '/core/events/' ? { count: 10, bytes: 50_000, whenFull: 'oldest-go' as const } : undefined
      await open({ boundOf })
      const create = (name: string, value: string) => store.create(`/core/events/a/${name}`, value)
      const names = () => store.list('/core/events/').entries.map(({ key }) => key.slice('/core/events/a/'.length))
      const first = await written(create('z', 'again and again'))
      for (let i = 0; i < 9; i++) await written(create(`${i}`, 'e'))
      await written(store.update(first.key, 'again', first.revision))
      for (const name of ['a', 'b']) await written(create(name, 'e'))
      expect(names()).toEqual(['2', '3', '4', '5', '6', '7', '8', 'a', 'b', 'z'])
      for (const name of ['c', 'd', 'e', 'f']) await written(create(name, 'x'.repeat(15_000)))
      expect(names()).toEqual(['d', 'e', 'f'])

      log.hold()
      const pod = store.create('/core/pods/a/x', '1')
      await turns()
      // More than there are revisions before those under way.
      const many = Array.from({ length: 600 }, (_, i) => create(`many-${i}`, 'e'))
      await turns()
      log.release()
      await Promise.all([pod, ...many].map(written))
      await written(create('last', 'e'))
      await turns()
      expect(names()).toHaveLength(10)
      expect(names()).toContain('last')
    })

    it('refuses what is new of a memory-only resource that is full, and goes on with what is there', async () => {
      const boundOf = () => ({ count: 3, bytes: 50_000, whenFull: 'refuse' as const })
      await open({ boundOf, quotaBytes: 0 })
      const create = (name: string, length = 1) => store.create(`/coordination.k8s.io/leases/n/${name}`, 'x'.repeat(length))
      const a = await written(create('a'))
      await expect(create('large', 60_000)).rejects.toMatchObject({ reason: 'InsufficientStorage' })
      for (const name of ['b', 'c']) await written(create(name))
      await expect(create('d')).rejects.toMatchObject({ reason: 'InsufficientStorage' })
      const renewed = await written(store.update(a.key, 'y'.repeat(30), a.revision))
      await expect(store.update(a.key, 'y'.repeat(60_000), renewed.revision)).rejects.toMatchObject({
        reason: 'InsufficientStorage',
      })
      await written(store.delete(a.key, renewed.revision))
      await written(create('d'))
    })

    it('bounds its history also by what objects were before they became small', async () => {
      await open({ historyBytes: 50_000 })
      const create = (_: unknown, index: number) => written(store.create(`/core/pods/a/${index}`, 'x'.repeat(10_000)))
      const large = await Promise.all(Array.from({ length: 20 }, create))
      const revision = podsRevision(store)
      await store.compact(store.mark())
      await Promise.all(large.map(({ key, revision: expected }) => written(store.update(key, 'small', expected))))
      expect(() => store.watch('/core/pods/', revision, () => {})).toThrow(RevisionCompacted)
    })
  })
}

export async function written(result: Promise<WriteResult>): Promise<Entry> {
  const answer = await result
  if (answer.type !== 'written') throw new Error(`conflict with ${JSON.stringify(answer.current)}`)
  return answer.entry
}

const values = ({ entries }: { entries: readonly Entry[] }) => entries.map(({ value }) => value)

function watch(store: Store, prefix: string, from: number): string[] {
  const seen: string[] = []
  store.watch(prefix, from, (events) =>
    seen.push(...events.map(({ type, entry }) => `${type} ${entry.key} ${entry.value} @${entry.revision}`)),
  )
  return seen
}

/** Lets everything run that is ready to. */
const turns = async () => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
