import { Worker } from 'node:worker_threads'
import { ApiError } from '@bramble/shared/api-error.ts'
import type { LoadedLog, LogBatch, LogRow, RevisionLog } from '../log.ts'
import { openDatabase, StoreError, type ColumnBatch, type DatabaseOptions, type RevisionDatabase } from './database.ts'
import type { WorkerReply, WorkerRequest } from './worker.ts'

export type SqliteLogOptions = DatabaseOptions & {
  /** The bundled `worker.ts` (`new URL('./store-worker.mjs', import.meta.url)`), or `in-thread`: for tools and tests, where blocking harms nobody. */
  readonly worker: URL | 'in-thread'
}

/** Revisions in one SQLite file; a commit is one transaction with one sync, done in a thread of its own. */
export const sqliteLog = ({ worker, ...options }: SqliteLogOptions): RevisionLog =>
  worker === 'in-thread' ? inThread(options) : inWorker(worker, options)

function inThread(options: DatabaseOptions): RevisionLog {
  let db: RevisionDatabase | undefined
  const opened = (): RevisionDatabase => {
    if (db === undefined) throw new StoreError(`${options.path} is not open`)
    return db
  }
  return {
    async load() {
      const { ceiling, marks, rowsAfter } = (db = openDatabase(options))
      return { ceiling, marks, rows: allRows(async (after) => rowsAfter(after)) }
    },
    async append(batch) {
      try {
        opened().append(columnsOf(batch))
      } catch (error) {
        throw refusal((error as Error).message, codeOf(error), error)
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

function inWorker(url: URL, options: DatabaseOptions): RevisionLog {
  let connection: ReturnType<typeof connect> | undefined
  return {
    async load() {
      const { ask, opened } = (connection = connect(url, options))
      const { ceiling, marks } = (await opened) as Pick<LoadedLog, 'ceiling' | 'marks'>
      return { ceiling, marks, rows: allRows((after) => ask({ type: 'rows', after }) as Promise<readonly LogRow[]>) }
    },
    async append(batch) {
      if (connection === undefined) throw new StoreError(`${options.path} is not open`)
      await connection.ask({ type: 'append', batch: columnsOf(batch) })
    },
    get bytesWritten() {
      return connection?.bytesWritten() ?? 0
    },
    async close() {
      await connection?.close()
    },
  }
}

/** The worker's end of the line. It answers in the order it was asked; when it dies, everything asked fails. */
function connect(url: URL, workerData: DatabaseOptions) {
  // The young generation is the bulk of a worker's memory and batches are short-lived.
  const worker = new Worker(url, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const asked: { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }[] = []
  let bytesWritten = 0
  let ended: Error | undefined
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
    bytesWritten: () => bytesWritten,
    async close() {
      if (ended === undefined) await ask({ type: 'close' })
      await exited
    },
  }
}

async function* allRows(rowsAfter: (revision: number) => Promise<readonly LogRow[]>): AsyncGenerator<readonly LogRow[]> {
  for (let rows = await rowsAfter(0); rows.length > 0; rows = await rowsAfter((rows.at(-1) as LogRow).revision)) yield rows
}

const columnsOf = ({ rows, ceiling, marks = [], drop = [] }: LogBatch): ColumnBatch => ({
  revisions: rows.map(({ revision }) => revision),
  created: rows.map(({ createRevision }) => createRevision),
  keys: rows.map(({ key }) => key),
  values: rows.map(({ value }) => value),
  ceiling,
  marks,
  drop,
})

const codeOf = (error: unknown): string | undefined => ((error as Error).cause as { code?: string } | undefined)?.code

/** What the writer is answered: a full disk is for now, anything else needs someone. */
const refusal = (message: string, code: string | undefined, cause?: unknown): Error =>
  new ApiError(code === 'SQLITE_FULL' ? 'ServiceUnavailable' : 'InternalError', message, {}, { cause })
