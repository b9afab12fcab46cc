import { systemClock, type Clock } from '@bramble/shared/clock.ts'
import type { LogDisk } from './disk.ts'
import type { Decision, Forgotten, LoadedLog, LogMark, LogRow, Proposal, RevisionLog } from '../log.ts'

/** A batch is bounded so that a burst does not make one transaction that the first writer waits seconds for. */
const maxBatchRows = 1000
const maxBatchBytes = 4 * 1024 * 1024
/** Rows to be dropped ride along with a batch of writes from this number on, which saves them a sync of their own. */
const dropWith = 512

type Standing = { readonly revision: number; readonly createRevision: number }
type Asked = Proposal & { readonly resolve: (decision: Decision) => void; readonly reject: (error: unknown) => void }

export type GroupCommitDeps = {
  readonly disk: LogDisk
  /** For the figures only: nothing is decided by time. */
  readonly clock?: Clock
}

/**
 * The log of a single hub: proposals that arrive while the disk is busy become its next transaction.
 *
 * Invariants: a proposal is judged when nothing of its keys is under way (the next one waits for it), so what a conflict shows is
 * durable. Revisions are told in increasing order; one that was told is never used again, also after a power cut.
 */
export const groupCommit = (deps: GroupCommitDeps): RevisionLog => new GroupCommit(deps)

class GroupCommit implements RevisionLog {
  readonly #disk: LogDisk
  readonly #clock: Clock
  readonly #standing = new Map<string, Standing>()
  #revision = 0
  #hear: (rows: readonly LogRow[]) => void = () => {}

  readonly #queue: Asked[] = []
  /** Keys with a write in the queue or under way, and who waits for it. */
  readonly #busy = new Map<string, Asked[]>()
  #isWriting = false
  #isScheduled = false
  #drop: number[] = []
  #marks = new Map<string, LogMark>()
  #compactions: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = []
  #commits = 0
  #commitMs = 0
  #onIdle: (() => void) | undefined

  constructor({ disk, clock = systemClock }: GroupCommitDeps) {
    this.#disk = disk
    this.#clock = clock
  }

  async load(): Promise<LoadedLog> {
    const { ceiling, marks, rows } = await this.#disk.load()
    // What was forgotten may have been newer than all that is left.
    this.#revision = marks.reduce((newest, { floor }) => Math.max(newest, floor), ceiling)
    return { marks, rows: this.#remembering(rows), revision: () => this.#revision }
  }

  async *#remembering(chunks: AsyncIterable<readonly LogRow[]>): AsyncGenerator<readonly LogRow[]> {
    for await (const rows of chunks) {
      this.#remember(rows)
      yield rows
    }
  }

  #remember(rows: readonly LogRow[]): void {
    for (const { key, revision, createRevision, value } of rows) {
      if (value === null) this.#standing.delete(key)
      else this.#standing.set(key, { revision, createRevision })
      this.#revision = Math.max(this.#revision, revision)
    }
  }

  tail(from: number, hear: (rows: readonly LogRow[]) => void): void {
    if (from !== this.#revision) throw new Error(`the log stands at ${this.#revision} and cannot be followed from ${from}`)
    this.#hear = hear
  }

  propose(proposal: Proposal): Promise<Decision> {
    return new Promise((resolve, reject) => this.#submit({ ...proposal, resolve, reject }))
  }

  forget({ drop, marks }: Forgotten): void {
    // Not spread into one call: there may be hundreds of thousands.
    for (const revision of drop) this.#drop.push(revision)
    for (const mark of marks) this.#marks.set(mark.prefix, mark)
  }

  async compact(): Promise<void> {
    if (this.#drop.length === 0) return
    return new Promise((resolve, reject) => {
      this.#compactions.push({ resolve, reject })
      this.#schedule()
    })
  }

  get stats() {
    return { commits: this.#commits, commitMs: this.#commitMs, bytesWritten: this.#disk.bytesWritten }
  }

  async close(): Promise<void> {
    if (this.#isWriting || this.#isScheduled || this.#queue.length > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    await this.#disk.close()
  }

  #submit(asked: Asked): void {
    const { writes, holds = [] } = asked
    for (const { key } of [...writes, ...holds]) {
      const waiters = this.#busy.get(key)
      if (waiters !== undefined) return void waiters.push(asked)
    }
    const wanted = [...writes.map(({ key, expected }) => ({ key, revision: expected })), ...holds]
    for (const { key, revision } of wanted) {
      const found = this.#standing.get(key)?.revision ?? 0
      if (found !== revision) return asked.resolve({ type: 'conflict', key, revision: found })
    }
    for (const { key } of writes) this.#busy.set(key, [])
    this.#queue.push(asked)
    this.#schedule()
  }

  /** After the callbacks of this turn, so that all proposals that arrived together share a transaction. */
  #schedule(): void {
    if (this.#isScheduled || this.#isWriting) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#flush()
    })
  }

  /** Never rejects: what goes wrong is told to those who wait for it. */
  async #flush(): Promise<void> {
    const asked = this.#takeBatch()
    const compactions = this.#compactions.splice(0)
    const rows = this.#rowsOf(asked)
    const isDropping = compactions.length > 0 || this.#drop.length >= dropWith
    const drop = isDropping ? this.#drop : []
    const marks = isDropping ? this.#marks : new Map<string, LogMark>()
    if (isDropping) {
      // What is forgotten while this is under way goes with the next one.
      this.#drop = []
      this.#marks = new Map()
    }
    this.#isWriting = true
    const started = this.#clock.monotonic()
    try {
      await this.#disk.append({ rows, drop, marks: [...marks.values()] })
    } catch (error) {
      this.#isWriting = false
      this.#drop = [...drop, ...this.#drop]
      this.#marks = new Map([...marks, ...this.#marks])
      for (const { reject } of compactions) reject(error)
      for (const { reject } of asked) reject(error)
      return this.#next(asked)
    }
    this.#isWriting = false
    this.#commits++
    this.#commitMs += this.#clock.monotonic() - started
    this.#remember(rows)
    if (rows.length > 0) this.#hear(rows)
    for (const { resolve } of compactions) resolve()
    let at = 0
    for (const { resolve, writes } of asked) {
      resolve({ type: 'taken', revision: rows[at]?.revision ?? 0 })
      at += writes.length
    }
    this.#next(asked)
  }

  #rowsOf(asked: readonly Asked[]): readonly LogRow[] {
    let revision = this.#revision
    return asked.flatMap(({ writes }) =>
      writes.map(({ key, value }) => {
        revision += 1
        return { revision, key, createRevision: this.#standing.get(key)?.createRevision ?? revision, value }
      }),
    )
  }

  /** Lets those go on who waited for a write of the same key, and starts the next batch. */
  #next(done: readonly Asked[]): void {
    for (const { writes } of done)
      for (const { key } of writes) {
        const waiters = this.#busy.get(key)
        this.#busy.delete(key)
        for (const waiter of waiters ?? []) this.#submit(waiter)
      }
    if (this.#queue.length > 0 || this.#compactions.length > 0) this.#schedule()
    else this.#onIdle?.()
  }

  #takeBatch(): Asked[] {
    let count = 0
    for (let bytes = 0, rows = 0; count < this.#queue.length && rows < maxBatchRows && bytes < maxBatchBytes; count++) {
      const { writes } = this.#queue[count] as Asked
      rows += writes.length
      for (const { value } of writes) bytes += value?.length ?? 0
    }
    return this.#queue.splice(0, count)
  }
}
