import { Worker } from 'node:worker_threads'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import type { LoadedDisk, LogDisk } from '../disk/disk.ts'
import type { LogRow } from '../log.ts'
import { allRows, columnsOf, refusal } from './columns.ts'
import type { StoreThreadOptions, WorkerReply, WorkerRequest } from './worker.ts'

export type SqliteDiskOptions = StoreThreadOptions & {
  /** The bundled `worker.ts`: `new URL('./store-worker.mjs', import.meta.url)`. */
  readonly worker: URL
}

/**
 * Revisions in one SQLite file; a commit is one transaction with one sync, done in a thread of its own. Nothing here loads the
 * driver: in the hub it is the worker's alone.
 *
 * `service` fails when that thread dies. The process has to end then and read the disk again, because nobody knows whether the last
 * transaction happened; until it does, every write is refused.
 */
export function sqliteDisk({ worker, ...options }: SqliteDiskOptions): LogDisk & { readonly service: Service } {
  let connection: ReturnType<typeof connect> | undefined
  return {
    async load() {
      const { ask, opened } = (connection = connect(worker, options))
      const { ceiling, marks } = (await opened) as Pick<LoadedDisk, 'ceiling' | 'marks'>
      return { ceiling, marks, rows: allRows((after) => ask({ type: 'rows', after }) as Promise<readonly LogRow[]>) }
    },
    async append(batch) {
      if (connection === undefined) throw new Error(`${options.path} is not open`)
      await connection.ask({ type: 'append', batch: columnsOf(batch) })
    },
    get bytesWritten() {
      return connection?.bytesWritten() ?? 0
    },
    async close() {
      await connection?.close()
    },
    service: {
      name: 'store-writer',
      async run(signal) {
        await Promise.race([connection?.died, whenAborted(signal)])
      },
    },
  }
}

/** The worker's end of the line. It answers in the order it was asked; when it dies, everything asked fails. */
function connect(url: URL, workerData: StoreThreadOptions) {
  // The young generation is the bulk of a worker's memory and batches are short-lived.
  const worker = new Worker(url, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const asked: { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }[] = []
  let bytesWritten = 0
  let ended: Error | undefined
  let isClosing = false
  const next = () => new Promise<unknown>((resolve, reject) => (ended === undefined ? asked.push({ resolve, reject }) : reject(ended)))
  const end = (error: Error) => {
    ended ??= error
    for (const { reject } of asked.splice(0)) reject(ended)
  }
  const exited = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      end(new ApiError('InternalError', 'the thread that writes the store has ended: restart the hub'))
      resolve()
    }),
  )
  const died = new Promise<never>((_, reject) =>
    worker.once('exit', () => {
      if (!isClosing) reject(ended)
    }),
  )
  died.catch(() => {}) // heard by the service, if there is one
  worker.once('error', (cause) =>
    end(new ApiError('InternalError', `the thread that writes the store failed: ${cause.message}`, {}, { cause })),
  )
  worker.on('message', (reply: WorkerReply) => {
    if (reply.type === 'stats') bytesWritten = reply.bytesWritten
    else if (reply.type === 'done') asked.shift()?.resolve(reply.result)
    else asked.shift()?.reject(refusal(reply.message, reply.code))
  })
  const ask = (request: WorkerRequest): Promise<unknown> => {
    const answer = next()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
    if (ended === undefined) worker.postMessage(request)
    return answer
  }
  return {
    /** Answers once the file is open. */
    opened: next(),
    ask,
    /** Rejects when the thread ends without having been asked to. */
    died,
    bytesWritten: () => bytesWritten,
    async close() {
      isClosing = true
      // Unanswered: the thread ends, as it may have done already.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread has no origin
      worker.postMessage({ type: 'close' } satisfies WorkerRequest)
      await exited
    },
  }
}
