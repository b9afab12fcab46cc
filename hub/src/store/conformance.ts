import type { ApiError } from '@bramble/shared/api-error.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { faultyLog, type FaultyLog } from './memory/faulty-log.ts'
import type { RevisionLog } from './log.ts'
import { createStore, type StoreDeps } from './mvcc.ts'
import { RevisionCompacted, type Entry, type Store, type StoreEvent, type WriteResult } from './store.ts'

/** One disk with one log on it at a time. */
export type LogUnderTest = {
  open(): Promise<RevisionLog> | RevisionLog
  /** The power goes: what is on the disk now is all there is for the next `open`. */
  crash(): Promise<void>
  /** Ends everything and removes the disk. */
  dispose(): Promise<void>
}

const disk = { durability: 'disk' } as const
const memory = { durability: 'memory' } as const

/** What every backend of the store must do. Run it in the test file of each. */
export function describeStoreConformance(name: string, start: () => Promise<LogUnderTest> | LogUnderTest): void {
  describe(`a store on ${name}`, () => {
    let under: LogUnderTest | undefined
    let log: FaultyLog
    let store: Store

    const open = async (options: Omit<StoreDeps, 'log'> = {}) => {
      under ??= await start()
      log = faultyLog(await under.open())
      store = await createStore({ log, ...options })
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
      for (const name of ['b', 'd', 'a', 'c']) await written(store.create(`/core/pods/default/${name}`, name, disk))
      await written(store.create('/core/pods/other/x', 'x', disk))
      await written(store.create('/core/secrets/default/a', 'secret', disk))
      expect(values(store.list('/core/pods/default/'))).toEqual(['a', 'b', 'c', 'd'])
      expect(store.list('/core/pods/', { limit: 2 })).toMatchObject({ more: true, remaining: 3, revision: store.revision })
      expect(values(store.list('/core/pods/', { limit: 2, after: '/core/pods/default/b' }))).toEqual(['c', 'd'])
      expect(store.list('/core/pods/', { after: '/core/pods/default/d' })).toMatchObject({ more: false, remaining: 0 })
      expect(values(store.list('/core/'))).toEqual(['a', 'b', 'c', 'd', 'x', 'secret'])
      expect(store.list('/apps/deployments/').entries).toEqual([])
      expect(store.get('/core/pods/default/nobody')).toBeUndefined()
    })

    it('finds and follows what has one value of a field, also as it was, and what has had it', async () => {
      const fieldsOf = (key: string, value: string) => (key.startsWith('/core/pods/') ? { on: value.split(' ')[0] ?? '' } : undefined)
      await open({ fieldsOf })
      const on = (value: string) => ({ field: 'on', value })
      for (const name of ['b', 'c', 'a']) await written(store.create(`/core/pods/x/${name}`, name === 'c' ? 'm 1' : 'n 1', disk))
      await written(store.create('/core/pods/y/d', 'n 1', disk))
      await written(store.create('/core/pods/y/nowhere', '', disk))
      await written(store.create('/core/secrets/x/n', 'n 1', disk))
      const keys = (listing: { readonly entries: readonly Entry[] }) => listing.entries.map(({ key }) => key.slice(-3))
      expect(keys(store.list('/core/pods/', { where: on('n') }))).toEqual(['x/a', 'x/b', 'y/d'])
      expect(keys(store.list('/core/pods/x/', { where: on('n') }))).toEqual(['x/a', 'x/b'])
      expect(store.list('/core/pods/', { where: on('n'), limit: 1 })).toMatchObject({ more: true, remaining: 2 })
      expect(keys(store.list('/core/pods/', { where: on('n'), limit: 1, after: '/core/pods/x/a' }))).toEqual(['x/b'])
      expect(keys(store.list('/core/pods/', { where: on('nobody') }))).toEqual([])
      expect(keys(store.list('/core/secrets/', { where: on('n') }))).toEqual([])

      const { revision } = store
      const seen: string[] = []
      const heard = (events: readonly StoreEvent[]) =>
        seen.push(...events.map(({ type, entry: { key, value } }) => `${type} ${key} ${value}`))
      const watch = store.watch('/core/pods/', revision, heard, { where: on('n') })
      const change = (key: string, value: string) => written(store.update(key, value, store.get(key)?.revision ?? 0, disk))
      await change('/core/pods/x/a', 'm 2')
      await change('/core/pods/x/a', 'm 3')
      await change('/core/pods/x/c', 'n 2')
      await written(store.delete('/core/pods/x/b', store.get('/core/pods/x/b')?.revision ?? 0, disk))
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
      for (const name of ['a', 'aa', 'a/b']) await written(store.create(`/core/pods/x/${name}`, name, disk))
      expect(values(store.list('/core/pods/x/a'))).toEqual(['a'])
      expect(values(store.list('/core/pods/x/', { after: '/core/pods/x/a' }))).toEqual(['a/b', 'aa'])
      expect(watch(store, '/core/pods/x/a', 0)).toHaveLength(1)
    })

    it('answers a create of what exists and a write of another revision with what is there', async () => {
      await open()
      const first = await written(store.create('/core/pods/a/x', '1', disk))
      expect(await store.create('/core/pods/a/x', '2', disk)).toEqual({ type: 'conflict', current: first })
      const second = await written(store.update('/core/pods/a/x', '2', first.revision, disk))
      expect(second.revision).toBeGreaterThan(first.revision)
      expect(second.createRevision).toBe(first.createRevision)
      expect(await store.update('/core/pods/a/x', '3', first.revision, disk)).toEqual({ type: 'conflict', current: second })
      expect(await store.delete('/core/pods/a/x', first.revision, disk)).toEqual({ type: 'conflict', current: second })
      const gone = await written(store.delete('/core/pods/a/x', second.revision, disk))
      expect(gone).toMatchObject({ value: '2', createRevision: first.createRevision })
      expect(await store.update('/core/pods/a/x', '3', second.revision, disk)).toEqual({ type: 'conflict', current: undefined })
      expect(store.get('/core/pods/a/x')).toBeUndefined()
    })

    it('lets one of many writers of the same revision win', async () => {
      await open()
      const { revision } = await written(store.create('/core/pods/a/x', 'start', disk))
      const results = await Promise.all([1, 2, 3, 4, 5].map((n) => store.update('/core/pods/a/x', String(n), revision, disk)))
      expect(results.map(({ type }) => type)).toEqual(['written', 'conflict', 'conflict', 'conflict', 'conflict'])
      expect(store.get('/core/pods/a/x')?.value).toBe('1')
    })

    it('makes writes that arrive together one transaction', async () => {
      await open()
      const results = await Promise.all(Array.from({ length: 50 }, (_, i) => store.create(`/core/pods/a/${i}`, String(i), disk)))
      expect(results.every(({ type }) => type === 'written')).toBe(true)
      expect(log.batches.filter(({ rows }) => rows.length > 0).map(({ rows }) => rows.length)).toEqual([50])
    })

    it('shows nothing of a batch before it is durable, and nothing of one that fails', async () => {
      await open()
      const seen = watch(store, '/core/pods/', store.revision)
      log.hold()
      const write = store.create('/core/pods/a/x', '1', disk)
      const other = store.create('/core/pods/a/y', '1', disk)
      await turns()
      expect(log.batches).toHaveLength(1)
      expect(store.get('/core/pods/a/x')).toBeUndefined()
      log.failWith(new Error('the disk is full'))
      log.release()
      await expect(write).rejects.toThrow('the disk is full')
      await expect(other).rejects.toThrow('the disk is full')
      expect(store.list('/core/pods/').entries).toEqual([])
      expect(seen).toEqual([])

      log.heal()
      const later = await written(store.create('/core/pods/a/x', '2', disk))
      expect(seen).toEqual([`put /core/pods/a/x 2 @${later.revision}`])
      await reopen()
      expect(values(store.list('/core/pods/'))).toEqual(['2'])
    })

    it('judges a write by the outcome of the one before it on the same key', async () => {
      await open()
      log.hold()
      log.failWith(new Error('no'))
      const failing = store.create('/core/pods/a/x', '1', disk)
      const waiting = store.create('/core/pods/a/x', '2', disk)
      await turns()
      log.release()
      await expect(failing).rejects.toThrow('no')
      log.heal()
      expect((await written(waiting)).value).toBe('2')
    })

    it('has every acknowledged write after a power cut', async () => {
      await open()
      const kept = await written(store.create('/core/pods/a/kept', '1', disk))
      const updated = await written(store.update('/core/pods/a/kept', '2', kept.revision, disk))
      const deleted = await written(store.create('/core/pods/a/deleted', '1', disk))
      await written(store.delete('/core/pods/a/deleted', deleted.revision, disk))
      const before = store.revision
      await crash()
      expect(store.list('/core/pods/').entries).toEqual([updated])
      expect(store.revision).toBeGreaterThan(before)
    })

    it('keeps memory-only objects off the disk and never lets revisions go back', async () => {
      await open({ revisionBlock: 100 })
      let newest = 0
      for (let i = 0; i < 250; i++) newest = (await written(store.create(`/core/events/a/${i}`, 'e', memory))).revision
      expect(log.batches.flatMap(({ rows }) => rows)).toEqual([])
      expect(store.list('/core/events/').entries).toHaveLength(250)
      await crash()
      expect(store.list('/core/events/').entries).toEqual([])
      expect(store.revision).toBeGreaterThan(newest)
    })

    it('shows memory-only changes while the disk is stalled, and all in order', async () => {
      await open()
      await written(store.create('/coordination.k8s.io/leases/n/a', '0', memory))
      const seen: StoreEvent[] = []
      const watch = store.watch('/', store.revision, (events) => seen.push(...events))
      log.hold()
      const pod = store.create('/core/pods/a/x', '1', disk)
      await turns()
      const lease = await written(store.create('/coordination.k8s.io/leases/n/b', '1', memory))
      expect(store.get('/coordination.k8s.io/leases/n/b')).toEqual(lease)
      log.release()
      const entry = await written(pod)
      expect(entry.revision).toBeGreaterThan(lease.revision)
      expect(seen.map((event) => event.entry)).toEqual([lease, entry])
      watch.close()
    })

    it('takes memory-only changes however many writes a full disk has refused', async () => {
      await open({ revisionBlock: 1000 })
      let lease = await written(store.create('/coordination.k8s.io/leases/n/a', '0', memory))
      log.failWith(new Error('the disk is full'))
      for (let i = 0; i < 20; i++) await expect(store.create(`/core/pods/a/${i}`, '1', disk)).rejects.toThrow('the disk is full')
      const before = lease.revision
      lease = await written(store.update(lease.key, '1', lease.revision, memory))
      expect(lease.revision).toBeGreaterThan(before)
      log.heal()
      const pod = await written(store.create('/core/pods/a/x', '1', disk))
      expect(pod.revision).toBeGreaterThan(lease.revision)
      await crash()
      expect(values(store.list('/core/pods/'))).toEqual(['1'])
      expect(store.revision).toBeGreaterThan(pod.revision)
    })

    it('tells a watcher every change after its revision, with what was there before', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/x', '1', disk))
      const from = store.revision
      const events: StoreEvent[] = []
      const b = await written(store.update('/core/pods/a/x', '2', a.revision, disk))
      await written(store.create('/core/pods/b/y', '1', disk))
      const watcher = store.watch('/core/pods/a/', from, (batch) => events.push(...batch))
      const c = await written(store.delete('/core/pods/a/x', b.revision, disk))
      expect(events).toMatchObject([
        { type: 'put', entry: b, previous: a },
        { type: 'delete', entry: { value: '2', revision: c.revision, createRevision: a.createRevision }, previous: b },
      ])
      watcher.close()
      await written(store.create('/core/pods/a/z', '1', disk))
      expect(events).toHaveLength(2)
    })

    it('lists as it was at a revision', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/a', '1', disk))
      const b = await written(store.create('/core/pods/a/b', '1', disk))
      const then = store.revision
      await written(store.update('/core/pods/a/a', '2', a.revision, disk))
      await written(store.delete('/core/pods/a/b', b.revision, disk))
      await written(store.create('/core/pods/a/c', '1', disk))
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
      const a = await written(store.create('/core/pods/a/x', '1', disk))
      await written(store.create('/core/events/a/e', '1', memory))
      const from = store.revision
      const b = await written(store.update('/core/pods/a/x', '2', a.revision, disk))
      const c = await written(store.delete('/core/pods/a/x', b.revision, disk))
      await crash()
      const events: StoreEvent[] = []
      store.watch('/core/pods/', from, (batch) => events.push(...batch))
      const d = await written(store.create('/core/pods/a/x', '3', disk))
      expect(events).toMatchObject([
        { type: 'put', entry: b, previous: a },
        { type: 'delete', entry: { revision: c.revision }, previous: b },
        { type: 'put', entry: d, previous: undefined },
      ])
    })

    it('sends a watcher of memory-only objects back to list after a restart, also from the last revision there was', async () => {
      await open()
      await written(store.create('/core/events/a/e', '1', memory))
      const last = store.revision
      await reopen()
      expect(() => store.watch('/core/events/', last, () => {})).toThrow(RevisionCompacted)
      expect(() => store.watch('/', last, () => {})).toThrow(RevisionCompacted)
      expect(() => store.list('/core/events/', { revision: last })).toThrow(RevisionCompacted)
      store.watch('/core/events/', store.list('/core/events/').revision, () => {}).close()
    })

    it('refuses revisions that were compacted or never were', async () => {
      await open()
      const a = await written(store.create('/core/pods/a/x', '1', disk))
      const b = await written(store.update('/core/pods/a/x', '2', a.revision, disk))
      const c = await written(store.update('/core/pods/a/x', '3', b.revision, disk))
      const d = await written(store.create('/core/pods/a/y', '1', disk))
      await written(store.delete('/core/pods/a/y', d.revision, disk))
      await store.compact(b.revision)
      expect(() => store.watch('/core/pods/', a.revision, () => {})).toThrow(RevisionCompacted)
      expect(() => store.list('/core/pods/', { revision: a.revision })).toThrow(RevisionCompacted)
      expect(() => store.watch('/core/pods/', store.revision + 1, () => {})).toThrow(RevisionCompacted)
      expect(store.list('/core/pods/', { revision: b.revision }).entries).toEqual([b])
      await store.compact(store.revision)
      await crash()
      expect(store.list('/core/pods/').entries).toEqual([c])
      expect(() => store.watch('/core/pods/', b.revision, () => {})).toThrow(RevisionCompacted)
    })

    it('remembers what it has forgotten, also when that happens twice at once', async () => {
      await open()
      const revisions: number[] = []
      let entry = await written(store.create('/core/pods/a/x', '0', disk))
      for (let i = 1; i < 9; i++) {
        revisions.push(entry.revision)
        entry = await written(store.update('/core/pods/a/x', String(i), entry.revision, disk))
      }
      log.hold()
      const first = store.compact(revisions[2] as number)
      await turns()
      const second = store.compact(revisions[5] as number)
      log.release()
      await Promise.all([first, second])
      await crash()
      expect(() => store.watch('/core/pods/', revisions[4] as number, () => {})).toThrow(RevisionCompacted)
      expect(watch(store, '/core/pods/', revisions[5] as number)).toHaveLength(3)
    })

    it('lets a watcher resume from long ago where nothing was forgotten since', async () => {
      await open()
      const quiet = await written(store.create('/core/namespaces/a', '1', disk))
      const pod = await written(store.create('/core/pods/a/x', '1', disk))
      const seen = store.revision
      const changed = await written(store.update('/core/pods/a/x', '2', pod.revision, disk))
      await store.compact(changed.revision)
      await crash()
      expect(watch(store, '/core/namespaces/', quiet.revision)).toEqual([])
      expect(() => store.watch('/core/pods/', seen, () => {})).toThrow(RevisionCompacted)
    })

    it('drops from the disk what compaction made useless, and nothing else', async () => {
      await open()
      let entry = await written(store.create('/core/pods/a/x', '0', disk))
      for (let i = 1; i < 20; i++) entry = await written(store.update('/core/pods/a/x', String(i), entry.revision, disk))
      const gone = await written(store.create('/core/pods/a/gone', '0', disk))
      await written(store.delete('/core/pods/a/gone', gone.revision, disk))
      await store.compact(store.revision)
      await store.close()
      const reopened = (await (under as LogUnderTest).open()) satisfies RevisionLog
      const rows = []
      for await (const chunk of (await reopened.load()).rows) rows.push(...chunk)
      expect(rows).toMatchObject([{ revision: entry.revision, key: entry.key, value: '19' }])
      await reopened.close()
      await open()
    })

    it('bounds its history by itself, each resource for itself', async () => {
      await open({ historyEvents: 10 })
      const pod = await written(store.create('/core/pods/a/x', '1', disk))
      for (let i = 0; i < 30; i++) await written(store.create(`/core/configmaps/a/${i}`, 'v', disk))
      expect(() => store.watch('/core/configmaps/', pod.revision, () => {})).toThrow(RevisionCompacted)
      store.watch('/core/pods/', pod.revision, () => {}).close()
      expect(store.list('/core/configmaps/').entries).toHaveLength(30)
    })

    it('delivers in order also when a watcher writes from its callback', async () => {
      await open()
      await written(store.create('/core/events/a/0', '0', memory))
      const seen: string[] = []
      const late: string[] = []
      let wrote = false
      store.watch('/core/events/', store.revision, () => {
        if (wrote) return
        wrote = true
        void store.create('/core/events/a/2', '2', memory)
        store.watch('/core/events/', store.revision, (events) => late.push(...events.map(({ entry }) => entry.value)))
      })
      store.watch('/core/events/', store.revision, (events) => seen.push(...events.map(({ entry }) => entry.value)))
      await written(store.create('/core/events/a/1', '1', memory))
      expect(seen).toEqual(['1', '2'])
      expect(late).toEqual([])
    })

    it('finishes what is waiting before it closes, and ends its watches', async () => {
      await open()
      const closed: string[] = []
      store.watch('/core/pods/', store.revision, () => {}, { onClosed: (error) => closed.push(error.message) })
      log.hold()
      const write = store.create('/core/pods/a/x', '1', disk)
      await turns()
      const waiting = store.create('/core/pods/a/y', '1', disk)
      const closing = store.close()
      await expect(store.create('/core/pods/a/z', '1', disk)).rejects.toThrow('shutting down')
      log.release()
      await Promise.all([written(write), written(waiting), closing])
      expect(closed).toEqual(['the store is closed: the hub is shutting down'])
      await open()
      expect(store.list('/core/pods/').entries).toHaveLength(2)
    })

    it('refuses more writes than may wait', async () => {
      await open({ maxWaiting: 2 })
      log.hold()
      const writes = [1, 2].map((n) => store.create(`/core/pods/a/${n}`, '1', disk))
      await expect(store.create('/core/pods/a/3', '1', disk)).rejects.toMatchObject({ reason: 'TooManyRequests' })
      log.release()
      await Promise.all(writes.map(written))
    })

    it('refuses more bytes of writes than may wait, and takes short ones beside them', async () => {
      await open({ maxWaitingBytes: 25_000 })
      log.hold()
      const large = (name: string) => store.create(`/core/pods/a/${name}`, 'x'.repeat(10_000), disk)
      const writes = [large('1'), large('2')]
      await expect(large('3')).rejects.toMatchObject({ reason: 'TooManyRequests' })
      for (let index = 0; index < 10; index++) writes.push(store.create(`/core/pods/a/short-${index}`, 'x'.repeat(1000), disk))
      log.release()
      await Promise.all(writes.map(written))
      await Promise.all([large('3'), large('4')].map(written))
    })

    it('takes no new objects beyond its quota, small changes an eighth further, and whatever makes room always; also after a restart', async () => {
      const told: boolean[] = []
      const options = { quotaBytes: 160_000, onQuota: (isFull: boolean) => void told.push(isFull) }
      await open(options)
      const create = (name: string, length: number) => store.create(`/core/pods/a/${name}`, 'x'.repeat(length), disk)
      const change = (name: string, length: number, leaving = {}) => {
        const key = `/core/pods/a/${name}`
        return store.update(key, 'y'.repeat(length), store.get(key)?.revision ?? 0, { ...disk, ...leaving })
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
      await written(store.delete('/core/pods/a/6', store.get('/core/pods/a/6')?.revision ?? 0, disk))
      await written(create('in-its-place', 9000))
    })

    it('counts two bytes for each character of a text that has one beyond Latin-1', async () => {
      await open({ quotaBytes: 15_000 })
      await written(store.create('/core/pods/a/latin', 'é'.repeat(10_000), disk))
      await written(store.delete('/core/pods/a/latin', store.revision, disk))
      await expect(store.create('/core/pods/a/wide', `${'x'.repeat(9999)}✓`, disk)).rejects.toMatchObject({ reason: 'InsufficientStorage' })
    })

    it('lets the oldest of a memory-only resource go when it has too many or too much, also while the disk stands', async () => {
      const boundOf = (prefix: string) =>
        prefix === '/core/events/' ? { count: 10, bytes: 50_000, whenFull: 'oldest-go' as const } : undefined
      await open({ boundOf })
      const create = (name: string, value: string) => store.create(`/core/events/a/${name}`, value, memory)
      const names = () => store.list('/core/events/').entries.map(({ key }) => key.slice('/core/events/a/'.length))
      const first = await written(create('z', 'again and again'))
      for (let i = 0; i < 9; i++) await written(create(`${i}`, 'e'))
      await written(store.update(first.key, 'again', first.revision, memory))
      for (const name of ['a', 'b']) await written(create(name, 'e'))
      expect(names()).toEqual(['2', '3', '4', '5', '6', '7', '8', 'a', 'b', 'z'])
      for (const name of ['c', 'd', 'e', 'f']) await written(create(name, 'x'.repeat(15_000)))
      expect(names()).toEqual(['d', 'e', 'f'])

      log.hold()
      const pod = store.create('/core/pods/a/x', '1', disk)
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
      const create = (name: string, length = 1) => store.create(`/coordination.k8s.io/leases/n/${name}`, 'x'.repeat(length), memory)
      const a = await written(create('a'))
      await expect(create('large', 60_000)).rejects.toMatchObject({ reason: 'InsufficientStorage' })
      for (const name of ['b', 'c']) await written(create(name))
      await expect(create('d')).rejects.toMatchObject({ reason: 'InsufficientStorage' })
      const renewed = await written(store.update(a.key, 'y'.repeat(30), a.revision, memory))
      await expect(store.update(a.key, 'y'.repeat(60_000), renewed.revision, memory)).rejects.toMatchObject({
        reason: 'InsufficientStorage',
      })
      await written(store.delete(a.key, renewed.revision, memory))
      await written(create('d'))
    })

    it('bounds its history also by what objects were before they became small', async () => {
      await open({ historyBytes: 50_000 })
      const create = (_: unknown, index: number) => written(store.create(`/core/pods/a/${index}`, 'x'.repeat(10_000), disk))
      const large = await Promise.all(Array.from({ length: 20 }, create))
      const { revision } = store
      await store.compact(revision)
      await Promise.all(large.map(({ key, revision: expected }) => written(store.update(key, 'small', expected, disk))))
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
