import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { UpHeader } from '@bramble/shared/frames/headers.ts'
import { partBytes } from '@bramble/shared/frames/limits.ts'
import { answerOf, refusalOf } from './answer.ts'
import type { SessionParts } from './session-parts.ts'
import { maxRequests } from './works.ts'

/** Reads of a node whose answer is a stream of bytes. One piece of each is in the making at a time. */
export const createReads =
  ({ node, ask, works, seats, sender, long, say, guard, log }: SessionParts) =>
  async ({ id, path, query }: UpHeader & { t: 'read' }): Promise<void> => {
    const finish = (error?: unknown) => say({ t: 'end', id }, error === undefined ? undefined : refusalOf(error).body)
    const send = (body: Uint8Array): Promise<void> =>
      new Promise((resolve) =>
        guard(() => {
          long.push({ message: { t: 'data', id }, body, onDone: resolve })
          sender.pump()
        }),
      )
    const copy = async (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, signal: AbortSignal) => {
      for await (const chunk of chunks) {
        for (const piece of piecesOf(chunk)) {
          if (signal.aborted) return
          await send(piece)
        }
      }
    }

    if (seats.isFull()) return finish(new ApiError('TooManyRequests', `node ${node} has ${maxRequests} requests in flight`))
    seats.take()
    const work = works.begin(id)
    const { signal } = work
    try {
      const response = await ask({ method: 'GET', path, query }, signal)
      if (response.type === 'stream') await copy(response.stream, signal)
      else {
        const { status, body } = answerOf(response)
        if (status >= 400) return say({ t: 'end', id }, body)
        await copy([typeof body === 'string' ? Buffer.from(body) : body], signal)
      }
      if (!signal.aborted) finish()
    } catch (error) {
      if (signal.aborted) return
      if (!isApiError(error)) log.error({ node, error }, 'read of a node failed')
      finish(error)
    } finally {
      works.finished(id, work)
      seats.leave()
    }
  }

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes)
}
