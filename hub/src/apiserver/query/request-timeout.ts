import { ApiError, badRequest } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse } from '@bramble/shared/api/api-request.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { readDuration } from '@bramble/shared/cel/library/time-texts.ts'

/** No request but watches and streams is worked on for longer, in Kubernetes, so to ask for more asks for nothing. */
export const longestMs = 60_000

/** How long the sender waits for its answer (`?timeout=5s`, of `kubectl --request-timeout`); undefined: as long as it takes. */
export function requestTimeoutMs(query: URLSearchParams): number | undefined {
  const text = query.get('timeout') ?? ''
  if (text === '') return undefined
  const duration = readDuration(text)
  if (duration === undefined) throw badRequest(`invalid timeout specified in the request URL - ${whyNot(text)}`)
  const ms = Number(duration.nanos) / 1e6
  return ms > 0 && ms < longestMs ? ms : undefined
}

/** In the words of Go. */
function whyNot(text: string): string {
  const [, number, unit = ''] = /^[-+]?(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(text) ?? []
  const what = number === undefined ? 'invalid duration' : unit === '' ? 'missing unit in duration' : undefined
  if (what !== undefined) return `time: ${what} ${JSON.stringify(text)}`
  return /^(?:ns|us|[\u00b5\u03bc]s|ms|s|m|h)$/.test(unit)
    ? `time: invalid duration ${JSON.stringify(text)}`
    : `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`
}

export const notInTime = (cause?: unknown): ApiError =>
  new ApiError('Timeout', 'Timeout: request did not complete within the allotted timeout', {}, { cause })

/** Gives up at that time, and tells the work that nobody waits for it any more. What a write has done by then stays done. */
export async function answerWithin(
  ms: number,
  request: ApiRequest,
  answer: (request: ApiRequest) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const linked = linkSignals(request.signal)
  let timer: NodeJS.Timeout | undefined
  const refused = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(notInTime())
      linked.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError'))
    }, ms)
  })
  let isLong = false
  try {
    const answered = await Promise.race([answer({ ...request, signal: linked.signal }), refused])
    // It is read after this, and hears that its reader has gone for as long as there is one.
    isLong = answered.type === 'stream' || answered.type === 'events' || answered.type === 'upgrade'
    return answered
  } finally {
    clearTimeout(timer)
    if (!isLong) linked[Symbol.dispose]()
  }
}
