import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { Until } from '@bramble/shared/async/until.ts'
import { Gathering } from '@bramble/shared/streams/gathering.ts'
import type { Http2ServerRequest } from 'node:http2'

/** Memory for the bodies of one identity. */
export type BodyBudget = {
  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean
  /** Takes them as soon as there is room; false when there is none for long. */
  wait(bytes: number, until: Until): boolean | Promise<boolean>
  giveBack(bytes: number): void
}

/** A body that trickles in slower than this holds a connection for nothing. */
const bodyMs = 60_000
/** So much of a refused body is let go by, that its sender may use the connection for its next request. */
export const letGoByBytes = 256 * 1024

type Deps = { readonly maxBytes: number; readonly budget: BodyBudget; readonly until: Until }

/**
 * The bytes of a request's body, at most so many. They stay taken from the budget until the request is answered: the caller gives them
 * back. A body that says how long it is waits unread for its room, so that it costs nothing until then; one that does not is refused
 * where the room ends. The rest of a large one that is refused is not read either: `isLeftUnread`.
 */
export async function readBody(request: Http2ServerRequest, { maxBytes, budget, until }: Deps): Promise<Uint8Array> {
  const declared = Number(request.headers['content-length'] ?? 0)
  const refuse = (error: ApiError, seen: number): ApiError => {
    if (declared - seen <= letGoByBytes && declared > 0) request.resume()
    else request.pause()
    return error
  }
  const tooLarge = () => new ApiError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBytes}`)
  if (declared > maxBytes) throw refuse(tooLarge(), 0)
  if (declared > 0 && !(await budget.wait(declared, until))) throw refuse(crowded(), 0)
  return new Promise((resolve, reject) => {
    const body = new Gathering(declared)
    let bytes = 0
    let held = declared
    const finish = () => {
      clearTimeout(timer)
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('aborted', onBroken)
    }
    const fail = (error: ApiError) => {
      finish()
      budget.giveBack(held)
      reject(refuse(error, bytes))
    }
    const timer = setTimeout(() => fail(new ApiError('Timeout', `the body did not arrive within ${bodyMs / 1000} s`)), bodyMs)
    const onData = (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > maxBytes) return fail(tooLarge())
      if (bytes > held) {
        if (!budget.take(bytes - held)) return fail(crowded())
        held = bytes
      }
      body.add(chunk)
    }
    const onEnd = () => {
      finish()
      budget.giveBack(held - bytes)
      resolve(body.whole())
    }
    const onBroken = () => fail(badRequest('the body broke off'))
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('aborted', onBroken)
  })
}

/** Whether the rest of a body stays where it is, so that the connection is good for nothing but the answer. */
export const isLeftUnread = (request: Http2ServerRequest): boolean => request.isPaused() && !request.complete

const crowded = () =>
  new ApiError('TooManyRequests', 'the hub holds as many request bodies of yours as it has memory for: please try again', {
    retryAfterSeconds: 1,
  })
