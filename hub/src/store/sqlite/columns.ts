import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { DiskBatch } from '../disk/disk.ts'
import type { LogMark, LogRow } from '../log.ts'

/** A batch in columns: half the cost of an array of objects when it is sent to a worker. */
export type ColumnBatch = {
  readonly revisions: readonly number[]
  readonly created: readonly number[]
  readonly keys: readonly string[]
  readonly values: readonly (string | null)[]
  readonly marks: readonly LogMark[]
  readonly drop: readonly number[]
}

export const columnsOf = ({ rows, marks, drop }: DiskBatch): ColumnBatch => ({
  revisions: rows.map(({ revision }) => revision),
  created: rows.map(({ createRevision }) => createRevision),
  keys: rows.map(({ key }) => key),
  values: rows.map(({ value }) => value),
  marks,
  drop,
})

/** Chunk by chunk, so that a large store is never twice in memory. */
export async function* allRows(rowsAfter: (revision: number) => Promise<readonly LogRow[]>): AsyncGenerator<readonly LogRow[]> {
  for (let rows = await rowsAfter(0); rows.length > 0; rows = await rowsAfter((rows.at(-1) as LogRow).revision)) yield rows
}

/** What a writer is answered: a full disk is for now, anything else needs someone. */
export const refusal = (message: string, code: string | undefined, cause?: unknown): ApiError =>
  new ApiError(code === 'SQLITE_FULL' ? 'ServiceUnavailable' : 'InternalError', message, {}, { cause })
