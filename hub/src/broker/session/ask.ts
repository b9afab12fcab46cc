import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiResponse, Caller, Handler, Method } from '@bramble/shared/api/api-request.ts'
import { discard } from '@bramble/shared/api/discard.ts'

export type Question = {
  readonly method: Method
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly type?: string | undefined
  readonly body?: Uint8Array | undefined
  readonly takesDeflated?: boolean
  /** Called once, when the apiserver is done with it: if it was to stop, that may be long after its asker has heard so. */
  readonly onDone?: () => void
}
/** Asks the apiserver as the node. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<ApiResponse>

// A page of a list ends here; ten of them a second fill any link that a board has.
const pageBytes = 1024 * 1024

export const createAsk =
  (handler: Handler, caller: Caller): Ask =>
  async ({ method, path, query, type, body, takesDeflated, onDone = () => {} }, signal) => {
    let decoded: string
    try {
      decoded = decodeURIComponent(path)
    } catch {
      onDone()
      throw new ApiError('BadRequest', `the path ${path} is not encoded as a URL is`)
    }
    const answer = handler(
      {
        method,
        path: decoded,
        query: new URLSearchParams(query),
        headers: { accept: 'application/json', 'content-type': type, 'user-agent': 'bramble-agent' },
        ...(body !== undefined && { body }),
        pageBytes,
        ...(takesDeflated === true && { takesDeflated }),
        signal,
      },
      caller,
    )
    answer.then(onDone, onDone)
    return orAborted(answer, signal)
  }

/** The apiserver promises to answer; it does not promise to do so at once when asked to stop. What it then still answers is closed. */
const orAborted = (answer: Promise<ApiResponse>, signal: AbortSignal): Promise<ApiResponse> =>
  new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    answer.then((response) => signal.aborted && discard(response)).catch(() => {}) // told above
    if (signal.aborted) onAbort()
  })
