import type { Also, Entry, Hold, Store, Write as StoreWrite, WriteResult } from '../../store/store.ts'

/** What one object takes in the store: its own text (null: it goes), the revision that it must have, and what goes with it. */
export type Planned = { readonly value: string | null; readonly expected: number; readonly also: Also; readonly known?: Entry | undefined }

type Conflict = Extract<WriteResult, { type: 'conflict' }>

export type Outcome<J> =
  /** One for each, in the order in which they were added. */
  | { readonly type: 'written'; readonly entries: readonly Entry[] }
  /** `of`: whose it is; nobody's if it is of what all of them rely on. */
  | { readonly type: 'conflict'; readonly conflict: Conflict; readonly of: readonly J[] }

/** Objects of several writers that are written in one transaction, or none of them. */
export type Batch<J> = {
  readonly jobs: readonly J[]
  /** False when it wants what one of the others has: then it must wait for the next. */
  add(job: J, planned: Planned): boolean
  /** Whether one of them writes it. */
  has(key: string): boolean
  /** With what goes with all of them. */
  write(together: { readonly writes: readonly StoreWrite[]; readonly holds: readonly Hold[] }): Promise<Outcome<J>>
}

export function emptyBatch<J extends { readonly key: string }>(store: Store): Batch<J> {
  const jobs: J[] = []
  const writes: StoreWrite[] = []
  const places: number[] = []
  const plans: Planned[] = []
  const holds = new Map<string, Hold>()
  const owners = new Map<string, J[]>()
  return {
    jobs,
    has: (key) => writes.some((write) => write.key === key),
    add(job, planned) {
      const { value, expected, also } = planned
      const own: readonly StoreWrite[] = [{ key: job.key, value, expected }, ...(also.writes ?? [])]
      if (own.some(({ key }) => owners.has(key)) || (also.holds ?? []).some((hold) => clashes(holds.get(hold.key), hold))) return false
      for (const { key } of own) owners.set(key, [job])
      for (const hold of also.holds ?? []) {
        holds.set(hold.key, hold)
        owners.set(`held ${hold.key}`, [...(owners.get(`held ${hold.key}`) ?? []), job])
      }
      jobs.push(job)
      plans.push(planned)
      places.push(writes.length)
      writes.push(...own)
      return true
    },
    async write(together) {
      const [first, ...rest] = writes
      if (first === undefined) return { type: 'written', entries: [] }
      const also: Also = {
        writes: [...rest, ...together.writes],
        holds: [...holds.values(), ...together.holds],
        isLeaving: plans.every(({ value, also: { isLeaving } }) => value === null || isLeaving === true),
      }
      const result = await handOver(store, first, also)
      if (result.type === 'conflict') {
        const of = owners.get(result.key) ?? owners.get(`held ${result.key}`) ?? []
        return { type: 'conflict', conflict: result, of }
      }
      const from = result.entry.revision
      return {
        type: 'written',
        entries: jobs.map(({ key }, at) =>
          at === 0 ? result.entry : entryOf(store, { key, revision: from + (places[at] ?? 0), plan: plans[at] }),
        ),
      }
    },
  }
}

const clashes = (one: Hold | undefined, other: Hold): boolean => one !== undefined && one.revision !== other.revision

function handOver(store: Store, { key, value, expected }: StoreWrite, also: Also): Promise<WriteResult> {
  if (value === null) return store.delete(key, expected, also)
  return expected === 0 ? store.create(key, value, also) : store.update(key, value, expected, also)
}

/** As the store has it, unless somebody has changed it since. */
function entryOf(store: Store, { key, revision, plan }: { key: string; revision: number; plan: Planned | undefined }): Entry {
  const now = store.get(key)
  if (now?.revision === revision) return now
  const known = plan?.known
  return { key, value: plan?.value ?? known?.value ?? '', createRevision: known?.createRevision ?? revision, revision }
}
