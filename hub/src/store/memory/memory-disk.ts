import type { LogDisk } from '../disk/disk.ts'
import { groupCommit } from '../disk/group-commit.ts'
import type { LogMark, LogRow, RevisionLog } from '../log.ts'

/** What outlives a `memoryDisk`, as a disk outlives a process. */
export type MemoryRows = { ceiling: number; readonly rows: Map<number, LogRow>; readonly marks: Map<string, LogMark> }

export const createMemoryRows = (): MemoryRows => ({ ceiling: 0, rows: new Map(), marks: new Map() })

/** A disk that keeps its rows in memory: for tests and for hubs that may forget everything. */
export function memoryDisk(kept: MemoryRows = createMemoryRows()): LogDisk {
  let bytesWritten = 0
  return {
    load: async () => ({ ceiling: kept.ceiling, marks: [...kept.marks.values()], rows: chunks([...kept.rows.values()]) }),
    async append({ rows, marks, drop }) {
      for (const revision of drop) kept.rows.delete(revision)
      for (const row of rows) {
        kept.rows.set(row.revision, row)
        bytesWritten += row.key.length + (row.value?.length ?? 0)
      }
      for (const mark of marks) kept.marks.set(mark.prefix, mark)
    },
    get bytesWritten() {
      return bytesWritten
    },
    async close() {},
  }
}

export const memoryLog = (): RevisionLog => groupCommit({ disk: memoryDisk() })

async function* chunks(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  yield rows.toSorted((a, b) => a.revision - b.revision)
}
