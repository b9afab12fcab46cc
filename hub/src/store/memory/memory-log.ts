import type { LogMark, LogRow, RevisionLog } from '../log.ts'

/** What outlives a `memoryLog`, as a disk outlives a process. */
export type MemoryDisk = { ceiling: number; readonly rows: Map<number, LogRow>; readonly marks: Map<string, LogMark> }

export const createMemoryDisk = (): MemoryDisk => ({ ceiling: 0, rows: new Map(), marks: new Map() })

/** A log that keeps its rows in memory: for tests and for hubs that may forget everything. */
export function memoryLog({ disk = createMemoryDisk() }: { disk?: MemoryDisk } = {}): RevisionLog {
  let bytesWritten = 0
  return {
    load: async () => ({ ceiling: disk.ceiling, marks: [...disk.marks.values()], rows: chunks([...disk.rows.values()]) }),
    async append({ rows, ceiling, marks = [], drop = [] }) {
      for (const row of rows) {
        disk.rows.set(row.revision, row)
        bytesWritten += row.key.length + (row.value?.length ?? 0)
      }
      for (const mark of marks) disk.marks.set(mark.prefix, mark)
      for (const revision of drop) disk.rows.delete(revision)
      disk.ceiling = ceiling ?? disk.ceiling
    },
    get bytesWritten() {
      return bytesWritten
    },
    async close() {},
  }
}

async function* chunks(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  yield rows.toSorted((a, b) => a.revision - b.revision)
}
