import { faultyLog, type FaultyLog } from '../memory/faulty-log.ts'
import type { RevisionLog } from '../log.ts'
import { createStore, type StoreDeps } from '../mvcc.ts'
import type { Entry, Store, WriteResult } from '../store.ts'

/** One place with one log on it at a time. */
export type LogUnderTest = {
  open(): Promise<RevisionLog> | RevisionLog
  /** The power goes: what is on the disk now is all there is for the next `open`. */
  crash(): Promise<void>
  /** Ends everything and removes the disk. */
  dispose(): Promise<void>
}

export type StoreOptions = Omit<StoreDeps, 'log'>

export const leases = '/coordination.k8s.io/leases/'
const isMemory = (prefix: string) => prefix === leases || prefix === '/core/events/'

/** The store that a property is tried on: as many lives of it one after the other as the property needs, on one log. */
export class Bed {
  readonly #start: () => Promise<LogUnderTest> | LogUnderTest
  #under: LogUnderTest | undefined
  #log: FaultyLog | undefined
  #store: Store | undefined

  constructor(start: () => Promise<LogUnderTest> | LogUnderTest) {
    this.#start = start
  }

  get store(): Store {
    return opened(this.#store)
  }
  get log(): FaultyLog {
    return opened(this.#log)
  }

  /** `prepare`: what ails the log when the store begins. */
  async open(options: StoreOptions = {}, prepare: (log: FaultyLog) => void = () => {}): Promise<void> {
    this.#log = faultyLog(await this.openLog())
    prepare(this.#log)
    this.#store = await createStore({ log: this.#log, isMemory, ...options })
  }
  async crash(options?: StoreOptions, prepare?: (log: FaultyLog) => void): Promise<void> {
    await this.#under?.crash()
    await this.open(options, prepare)
  }
  async reopen(): Promise<void> {
    await this.store.close()
    await this.open()
  }
  /** The log alone, while no store is open on it. */
  async openLog(): Promise<RevisionLog> {
    this.#under ??= await this.#start()
    return this.#under.open()
  }
  async end(): Promise<void> {
    this.log.heal()
    this.log.release()
    await this.store.close()
    await this.#under?.dispose()
    this.#under = undefined
  }
}

function opened<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('open the store first')
  return part
}

export const podsRevision = (store: Store): number => store.revisionOf('/core/pods/')

export async function written(result: Promise<WriteResult>): Promise<Entry> {
  const answer = await result
  if (answer.type !== 'written') throw new Error(`conflict with ${JSON.stringify(answer.current)}`)
  return answer.entry
}

export const values = ({ entries }: { entries: readonly Entry[] }) => entries.map(({ value }) => value)

/** What a watcher hears from now on, a line each. */
export function heardOf(store: Store, prefix: string, from: number): string[] {
  const seen: string[] = []
  store.watch(prefix, from, (events) =>
    seen.push(...events.map(({ type, entry }) => `${type} ${entry.key} ${entry.value} @${entry.revision}`)),
  )
  return seen
}

/** Lets everything run that is ready to. */
export const turns = async () => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
