import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '@bramble/shared/process/service.ts'
import { watchOver } from '@bramble/shared/process/watch-over.ts'
import type { SignsOfLife } from '@bramble/shared/process/watchdog.ts'
import type { ColumnBatch } from './columns.ts'
import { codeOf, openDatabase, type DatabaseOptions } from './database.ts'

/** `watched`: the loop of the main thread, which is ended from here when it stands still: another thread for that would be 7 MB more. */
export type StoreThreadOptions = DatabaseOptions & { readonly watched?: SignsOfLife }

/** One message asks, one answers, in order; `close` ends the thread instead. `stats` comes unasked. */
export type WorkerRequest =
  | { readonly type: 'rows'; readonly after: number }
  | { readonly type: 'append'; readonly batch: ColumnBatch }
  | { readonly type: 'close' }
export type WorkerReply =
  | { readonly type: 'done'; readonly result?: unknown }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined }
  | { readonly type: 'stats'; readonly bytesWritten: number }

/** The disk's thread: an SD card that takes seconds for a sync stops this one, not the hub. */
function serve(port: NonNullable<typeof parentPort>, { watched, ...options }: StoreThreadOptions): void {
  if (watched !== undefined) watchOver(watched)
  const reply = (message: WorkerReply) => port.postMessage(message)
  const fail = (error: unknown) => reply({ type: 'failed', message: messageOf(error), code: codeOf(error) })
  let database
  try {
    database = openDatabase(options)
  } catch (error) {
    fail(error)
    return port.close()
  }
  const db = database
  reply({ type: 'done', result: { ceiling: db.ceiling, marks: db.marks } })

  const whenIdle = () => {
    db.checkpoint()
    reply({ type: 'stats', bytesWritten: db.bytesWritten })
  }
  let idle: NodeJS.Timeout | undefined
  port.on('message', (request: WorkerRequest) => {
    clearTimeout(idle)
    try {
      switch (request.type) {
        case 'rows':
          return reply({ type: 'done', result: db.rowsAfter(request.after) })
        case 'append':
          db.append(request.batch)
          reply({ type: 'done' })
          idle = setTimeout(whenIdle, 500)
          return
        case 'close':
          port.close()
          return db.close()
        default:
          request satisfies never
      }
    } catch (error) {
      fail(error)
    }
  })
}

if (parentPort !== null) serve(parentPort, workerData as StoreThreadOptions) // what `sqliteDisk` started us with
