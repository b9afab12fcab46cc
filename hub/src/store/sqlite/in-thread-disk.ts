import { messageOf } from '@bramble/shared/process/service.ts'
import type { LogDisk } from '../disk/disk.ts'
import { allRows, columnsOf, refusal } from './columns.ts'
import { codeOf, openDatabase, type DatabaseOptions, type RevisionDatabase } from './database.ts'

/** The same file without a thread of its own: for tools and tests, where waiting for the disk stops nobody. */
export function inThreadSqliteDisk(options: DatabaseOptions): LogDisk {
  let db: RevisionDatabase | undefined
  return {
    async load() {
      const { ceiling, marks, rowsAfter } = (db = openDatabase(options))
      return { ceiling, marks, rows: allRows(async (after) => rowsAfter(after)) }
    },
    async append(batch) {
      if (db === undefined) throw new Error(`${options.path} is not open`)
      try {
        db.append(columnsOf(batch))
      } catch (error) {
        throw refusal(messageOf(error), codeOf(error), error)
      }
    },
    get bytesWritten() {
      return db?.bytesWritten ?? 0
    },
    async close() {
      db?.close()
      db = undefined
    },
  }
}
