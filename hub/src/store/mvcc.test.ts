import { describe, expect, it } from 'vitest'
import { groupCommit } from './disk/group-commit.ts'
import { createMemoryRows, memoryDisk } from './memory/memory-disk.ts'
import { createStore } from './mvcc.ts'
import { RevisionCompacted, type Entry, type Mark, type Store, type StoreEvent } from './store.ts'

const leases = '/coordination.k8s.io/leases/'
const resources = ['/core/pods/', '/core/secrets/', leases]
const scopes = ['/core/pods/', '/core/secrets/', '/core/pods/n1/', leases, '/core/pods/n1/k3']
const isMemory = (prefix: string) => prefix === leases

/** The store as the simplest thing that could be right: every state there ever was. */
type Moment = { readonly mark: Mark; readonly state: ReadonlyMap<string, Entry> }

describe('the store, against a model of it', () => {
  it.each([1, 2, 3])('agrees on reads, lists at every revision and watches from every revision (seed %i)', async (seed) => {
    const random = mulberry32(seed)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const rows = createMemoryRows()
    const open = () => createStore({ log: groupCommit({ disk: memoryDisk(rows) }), isMemory, random, historyEvents: 60 })
    let store = await open()
    let state: ReadonlyMap<string, Entry> = new Map()
    let moments: Moment[] = [{ mark: store.mark(), state }]
    /** Whoever has watched from the start of this life has seen all of it. */
    let live = followAll(store)

    for (let step = 0; step < 400; step++) {
      const key = `${pick(resources)}n${Math.floor(random() * 2)}/k${Math.floor(random() * 6)}`
      const current = state.get(key)
      const expected = random() < 0.1 ? 1 : (current?.revision ?? 1)
      const choice = random()
      const result =
        choice < 0.4
          ? await store.create(key, `${step}`)
          : choice < 0.8
            ? await store.update(key, `${step}`, expected)
            : await store.delete(key, expected)
      const isWanted = choice < 0.4 ? current === undefined : current?.revision === expected
      expect(result.type).toBe(isWanted ? 'written' : 'conflict')
      if (result.type === 'written') {
        const next = new Map(state)
        if (choice < 0.8) next.set(key, result.entry)
        else next.delete(key)
        state = next
        moments.push({ mark: store.mark(), state })
      } else expect(result.current).toEqual(current)

      if (step === 200) await store.compact(pick(moments).mark)
      if (step % 150 === 149) {
        check(store, moments, live)
        store = await open()
        state = new Map([...state].filter(([other]) => !other.startsWith(leases)))
        moments = [...moments.map((moment) => ({ ...moment, state: moment.state })), { mark: store.mark(), state }]
        live = followAll(store)
      }
    }
    check(store, moments, live)
  })
})

function followAll(store: Store): ReadonlyMap<string, StoreEvent[]> {
  const heard = new Map<string, StoreEvent[]>(resources.map((resource) => [resource, []]))
  for (const [resource, events] of heard) store.watch(resource, store.revisionOf(resource), (batch) => events.push(...batch))
  return heard
}

function check(store: Store, moments: readonly Moment[], live: ReadonlyMap<string, readonly StoreEvent[]>): void {
  const now = moments.at(-1) as Moment
  for (const scope of scopes) {
    expect(store.list(scope).entries).toEqual(under(now.state, scope))
    let answered = 0
    for (const { mark, state } of moments.filter((_, i) => i % 5 === 0 || i > moments.length - 5)) {
      const revision = mark[scope.startsWith(leases) ? 'memory' : 'disk']
      try {
        expect(store.list(scope, { revision }).entries).toEqual(under(state, scope))
        const events: StoreEvent[] = []
        store.watch(scope, revision, (batch) => events.push(...batch)).close()
        expect(replayed(state, events, scope)).toEqual(under(now.state, scope))
        answered++
      } catch (error) {
        if (!(error instanceof RevisionCompacted)) throw error
      }
    }
    // Never that an empty history makes all of the above true.
    expect(answered).toBeGreaterThan(0)
  }
  for (const events of live.values()) {
    const revisions = events.map(({ entry }) => entry.revision)
    expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
  }
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
