/**
 * What decides: the one order of all changes. `createStore` stands on it and shows what it tells; a log knows nothing of reads,
 * watches or memory-only objects. Several hubs may propose to one log: that of a single hub is `group-commit.ts` over a disk.
 */
export type RevisionLog = {
  /** Called once, before anything else. */
  load(): Promise<LoadedLog>
  /** Every change after `from`, whoever made it, once, in revision order and in whole proposals. Called once, with the revision that was loaded. */
  tail(from: number, hear: (rows: readonly LogRow[]) => void): void
  /** Taken or refused as a whole. What was taken is durable and has been told to the tail when this resolves; what rejects has not happened. */
  propose(proposal: Proposal): Promise<Decision>
  /** What nobody needs any more goes with one of the next transactions. */
  forget(forgotten: Forgotten): void
  /** Resolves when what was to be forgotten is gone; does nothing when there is none. */
  compact(): Promise<void>
  readonly stats: LogStats
  /** Finishes what was proposed. */
  close(): Promise<void>
}

/** One change of one key: a put, or a deletion if `value` is null. `expected`: the revision it must have; 0 if it must not be there. */
export type Write = { readonly key: string; readonly value: string | null; readonly expected: number }
/** A key that must have this revision (0: must not be there) while the writes happen. */
export type Hold = { readonly key: string; readonly revision: number }
/** No key stands twice in it. */
export type Proposal = { readonly writes: readonly [Write, ...Write[]]; readonly holds?: readonly Hold[] }

export type Decision =
  /** `revision` is that of the first write; the others have the ones after it. */
  | { readonly type: 'taken'; readonly revision: number }
  /** The first key that is not as it must be, and what it has (0: it is not there). */
  | { readonly type: 'conflict'; readonly key: string; readonly revision: number }

/** One change as it happened; `value` is null when the key was deleted. */
export type LogRow = { readonly revision: number; readonly key: string; readonly createRevision: number; readonly value: string | null }

/** Of a resource: changes up to this revision may have been forgotten. */
export type LogMark = { readonly prefix: string; readonly floor: number }

/** Rows by their revisions, and the marks that say so: those are loaded again at the next start. */
export type Forgotten = { readonly drop: readonly number[]; readonly marks: readonly LogMark[] }

export type LoadedLog = {
  /** Once all rows are through: no revision up to it is ever given out again. */
  revision(): number
  readonly marks: readonly LogMark[]
  /** In revision order, in chunks of bounded size. */
  readonly rows: AsyncIterable<readonly LogRow[]>
}

export type LogStats = {
  /** Transactions, and the time the disk took for them. */
  readonly commits: number
  readonly commitMs: number
  /** Since it was opened. */
  readonly bytesWritten: number
}
