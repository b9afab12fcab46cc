/**
 * What a backend must give so that `createStore` can stand on it: rows that are durable once `append` has resolved,
 * and everything back at the next start. It knows nothing of conflicts, watches or reads.
 */
export type RevisionLog = {
  /** Called once, before anything else. */
  load(): Promise<LoadedLog>
  /** One transaction, durable when it resolves, none of it there when it rejects. Never called again before it has settled. */
  append(batch: LogBatch): Promise<void>
  /** What this log has caused to be written to its disk since it was opened. */
  readonly bytesWritten: number
  close(): Promise<void>
}

/** One change of one key; `value` is null when the key was deleted. */
export type LogRow = { readonly revision: number; readonly key: string; readonly createRevision: number; readonly value: string | null }

/**
 * What is remembered of a resource beside its rows. `floor`: changes up to this revision may have been forgotten.
 * `memory`: it has had changes that were never written, so its history cannot be told after a restart.
 */
export type LogMark = { readonly prefix: string; readonly floor: number; readonly memory: boolean }

export type LogBatch = {
  readonly rows: readonly LogRow[]
  /** No revision above it is used before a higher one is durable, so that revisions never go back, also those of memory-only changes. */
  readonly ceiling?: number
  readonly marks?: readonly LogMark[]
  /** Revisions of rows nobody needs any more. */
  readonly drop?: readonly number[]
}

export type LoadedLog = {
  readonly ceiling: number
  readonly marks: readonly LogMark[]
  /** In revision order, in chunks of bounded size. */
  readonly rows: AsyncIterable<readonly LogRow[]>
}
