import type { Forgotten, LogMark, LogRow } from '../log.ts'

/** What `groupCommit` needs to stand on: rows that are durable once `append` has resolved, and everything back at the next start. */
export type LogDisk = {
  /** Called once, before anything else. */
  load(): Promise<LoadedDisk>
  /** One transaction, durable when it resolves, none of it there when it rejects. Never called again before it has settled. */
  append(batch: DiskBatch): Promise<void>
  /** What has been written to the device since it was opened, in bytes. */
  readonly bytesWritten: number
  close(): Promise<void>
}

/** What is dropped goes first, so that what it frees takes what comes. */
export type DiskBatch = { readonly rows: readonly LogRow[] } & Forgotten

export type LoadedDisk = {
  /** Written by the first version, which gave memory-only objects revisions of the same row: none up to it is free. */
  readonly ceiling: number
  readonly marks: readonly LogMark[]
  /** In revision order, in chunks of bounded size. */
  readonly rows: AsyncIterable<readonly LogRow[]>
}
