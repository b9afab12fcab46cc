import { ApiError, badRequest } from '@bramble/shared/api-error.ts'
import type { Http2ServerRequest } from 'node:http2'

/** Memory for the bodies of one identity. */
export type BodyBudget = {
  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean
  giveBack(bytes: number): void
}

/** A body that trickles in slower than this holds a connection for nothing. */
const bodyMs = 60_000

/** The bytes of a request's body, at most so many. They stay taken from the budget until the request is answered: the caller gives them back. */
export function readBody(request: Http2ServerRequest, maxBytes: number, budget: BodyBudget): Promise<Uint8Array> {
  const tooLarge = () => new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let held = 0
    const finish = () => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('aborted', onBroken)
    }
    const refuse = (error: ApiError) => {
      finish()
      // What still comes is let go by, so that the answer can be read by its sender.
      request.resume()
      budget.giveBack(held)
      reject(error)
    }
    const timer = setTimeout(() => refuse(new ApiError('Timeout', `the body did not arrive within ${bodyMs / 1000} s`)), bodyMs)
    const onData = (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > maxBytes) return refuse(tooLarge())
      if (!budget.take(chunk.byteLength)) return refuse(crowded())
      held = bytes
      chunks.push(chunk)
    }
    const onEnd = () => {
      finish()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)) // exactly one
    }
    const onBroken = () => refuse(badRequest('the body broke off'))
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('aborted', onBroken)
  })
}

const crowded = () =>
  new ApiError('TooManyRequests', 'the hub holds as many request bodies of yours as it has memory for: please try again', {
    retryAfterSeconds: 1,
  })
