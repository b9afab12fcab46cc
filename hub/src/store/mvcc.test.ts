import { describe, expect, it } from 'vitest'
import { createMemoryDisk, memoryLog } from './memory/memory-log.ts'
import { createStore } from './mvcc.ts'
import { RevisionCompacted, type Entry, type Store, type StoreEvent } from './store.ts'

const resources = [
  { prefix: '/core/pods/', durability: 'disk' },
  { prefix: '/core/secrets/', durability: 'disk' },
  { prefix: '/coordination.k8s.io/leases/', durability: 'memory' },
] as const
const prefixes = ['/', '/core/', '/core/pods/', '/core/pods/n1/', '/coordination.k8s.io/leases/', '/core/pods/n1/k3']

/** The store as the simplest thing that could be right: every state there ever was. */
type Moment = { readonly revision: number; readonly state: ReadonlyMap<string, Entry> }

describe('the store, against a model of it', () => {
  it.each([1, 2, 3])('agrees on reads, lists at every revision and watches from every revision (seed %i)', async (seed) => {
    const random = mulberry32(seed)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const disk = createMemoryDisk()
    let store = await createStore({ log: memoryLog({ disk }), historyEvents: 60, revisionBlock: 200 })
    let state: ReadonlyMap<string, Entry> = new Map()
    let moments: Moment[] = [{ revision: store.revision, state }]
    /** Whoever has watched from the start of this life has seen all of it. */
    let live = followAll(store)

    for (let step = 0; step < 400; step++) {
      const { prefix, durability } = pick(resources)
      const key = `${prefix}n${Math.floor(random() * 2)}/k${Math.floor(random() * 6)}`
      const current = state.get(key)
      const expected = random() < 0.1 ? 1 : (current?.revision ?? 1)
      const choice = random()
      const result =
        choice < 0.4
          ? await store.create(key, `${step}`, { durability })
          : choice < 0.8
            ? await store.update(key, `${step}`, expected, { durability })
            : await store.delete(key, expected, { durability })
      const isWanted = choice < 0.4 ? current === undefined : current?.revision === expected
      expect(result.type).toBe(isWanted ? 'written' : 'conflict')
      if (result.type === 'written') {
        const next = new Map(state)
        if (choice < 0.8) next.set(key, result.entry)
        else next.delete(key)
        state = next
        moments.push({ revision: result.entry.revision, state })
      } else expect(result.current).toEqual(current)

      if (step === 200) await store.compact(pick(moments).revision)
      if (step % 150 === 149) {
        check(store, moments, live)
        store = await createStore({ log: memoryLog({ disk }), historyEvents: 60, revisionBlock: 200 })
        state = new Map([...state].filter(([other]) => !other.startsWith('/coordination')))
        moments = [...moments.map((moment) => ({ ...moment, state: moment.state })), { revision: store.revision, state }]
        live = followAll(store)
      }
    }
    check(store, moments, live)
  })
})

function followAll(store: Store): StoreEvent[] {
  const events: StoreEvent[] = []
  store.watch('/', store.revision, (batch) => events.push(...batch))
  return events
}

function check(store: Store, moments: readonly Moment[], live: readonly StoreEvent[]): void {
  const now = moments.at(-1) as Moment
  for (const prefix of prefixes) {
    expect(store.list(prefix).entries).toEqual(under(now.state, prefix))
    let answered = 0
    for (const { revision, state } of moments.filter((_, i) => i % 5 === 0 || i > moments.length - 5)) {
      try {
        expect(store.list(prefix, { revision }).entries).toEqual(under(state, prefix))
        const events: StoreEvent[] = []
        store.watch(prefix, revision, (batch) => events.push(...batch)).close()
        expect(replayed(state, events, prefix)).toEqual(under(now.state, prefix))
        answered++
      } catch (error) {
        if (!(error instanceof RevisionCompacted)) throw error
      }
    }
    // Never that an empty history makes all of the above true.
    expect(answered).toBeGreaterThan(0)
  }
  const revisions = live.map(({ entry }) => entry.revision)
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
}

function replayed(state: ReadonlyMap<string, Entry>, events: readonly StoreEvent[], prefix: string): readonly Entry[] {
  const replay = new Map(state)
  for (const { type, entry, previous } of events) {
    expect(previous).toEqual(replay.get(entry.key))
    if (type === 'put') replay.set(entry.key, entry)
    else replay.delete(entry.key)
  }
  return under(replay, prefix)
}

const under = (state: ReadonlyMap<string, Entry>, prefix: string): readonly Entry[] =>
  [...state.values()].filter(({ key }) => key.startsWith(prefix)).sort((a, b) => (a.key < b.key ? -1 : 1))

it('a memory-only change never shows a revision that the batch under way has taken', async () => {
  const log = memoryLog()
  let go = () => {}
  const held = {
    ...log,
    append: (batch: Parameters<typeof log.append>[0]) => new Promise<void>((resolve) => (go = resolve)).then(() => log.append(batch)),
  }
  const store = await createStore({ log: { ...held, bytesWritten: 0 } })
  const wait = () => new Promise((resolve) => setImmediate(resolve))
  const release = async (write: Promise<unknown>) => {
    await wait()
    go()
    await write
  }
  await release(store.create('/coordination.k8s.io/leases/n/a', '0', { durability: 'memory' }))
  const events = followAll(store)
  const written = store.create('/core/pods/n/a', '1', { durability: 'disk' })
  await wait()
  // More than the revisions left free below the batch: those that follow have to wait for it.
  const renewals = Promise.all(
    Array.from({ length: 400 }, (_, i) => store.create(`/coordination.k8s.io/leases/n/l${i}`, '', { durability: 'memory' })),
  )
  await wait()
  expect(events.length).toBeGreaterThan(0)
  expect(events.length).toBeLessThan(400)
  go()
  await written
  await release(renewals)
  const revisions = events.map(({ entry }) => entry.revision)
  expect(events).toHaveLength(401)
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
})

/** A small seeded generator, so that a failure comes back. */
function mulberry32(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
