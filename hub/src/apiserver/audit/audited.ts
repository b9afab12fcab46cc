import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { AuditRecord } from './record.ts'

/** Writes what becomes of a request: when it came, what it is answered, and the end of an answer that goes on. */
export async function audited(record: AuditRecord, isLong: boolean, next: () => Promise<ApiResponse>): Promise<ApiResponse> {
  record.stage('RequestReceived')
  const response = await next()
  record.answered(response)
  if (record.hasFailed) {
    record.stage('Panic')
    return response
  }
  if (!isLong) {
    record.stage('ResponseComplete')
    return response
  }
  record.stage('ResponseStarted')
  const over = () => record.stage('ResponseComplete', true)
  if (response.type === 'events') return { ...response, events: ending(response.events, over) }
  if (response.type === 'stream') return { ...response, stream: ending(response.stream, over) }
  if (response.type === 'upgrade') return { ...response, serve: (connection) => response.serve(connection).finally(over) }
  over()
  return response
}

/** The same, item by item, and tells once that it has ended: read to its end, left by its reader, or broken off. */
function ending<T>(items: AsyncIterable<T>, onEnd: () => void): AsyncIterable<T> {
  let isOver = false
  const end = () => {
    if (isOver) return
    isOver = true
    onEnd()
  }
  const look = (step: IteratorResult<T>) => {
    if (step.done === true) end()
    return step
  }
  const broken = (error: unknown): never => {
    end()
    throw error
  }
  return {
    [Symbol.asyncIterator]() {
      const inner = items[Symbol.asyncIterator]()
      return {
        next: () => inner.next().then(look, broken),
        async return(value?: unknown) {
          end()
          return (await inner.return?.(value)) ?? { done: true, value: undefined }
        },
      }
    },
  }
}
