import { badRequest, isApiError } from '@bramble/shared/api/api-error.ts'
import { openedBefore } from '@bramble/shared/async/opened-before.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { bytesOf } from '@bramble/shared/streams/bytes-of.ts'
import type { NodeStream, StreamRequest } from '@bramble/shared/streams/node-stream.ts'
import { containerOf } from '../pods/container-of.ts'
import { openStream } from '../pods/open-stream.ts'
import { nodeOf, podOf } from '../pods/pod-of.ts'
import { allowedUntil, forbiddenTo } from '../pods/while-allowed.ts'
import { queryNumber } from '../query/query-number.ts'
import { isTrue } from '../query/request-info.ts'
import { longRunning } from '../request-series.ts'
import { defineSubresource } from '../routes/subresource.ts'

/** What a container wrote, from the node on which it runs. */
export const log = defineSubresource({
  name: 'log',
  isLong: true,
  text: {
    description: 'Reads what a container has printed.',
    query: [
      { name: 'container', type: 'string', description: 'Which container, where the pod has several.' },
      { name: 'follow', type: 'boolean', description: 'Go on with what is printed from now on.' },
      { name: 'limitBytes', type: 'integer', description: 'The most bytes to send.' },
      { name: 'previous', type: 'boolean', description: 'The log of the container before its last restart.' },
      { name: 'sinceSeconds', type: 'integer', description: 'Only what was printed in the last seconds.' },
      { name: 'sinceTime', type: 'string', description: 'Only what was printed after this instant.' },
      { name: 'tailLines', type: 'integer', description: 'Only the last lines.' },
      { name: 'timestamps', type: 'boolean', description: 'Begin each line with when it was printed.' },
    ],
  },
  verbs: {
    async get(call) {
      const { api, caller, info, kind, request } = call
      const pod = podOf(api, info)
      const wanted = logRequest(pod, request.query)
      const node = nodeOf(pod)
      // The first bytes decide: a refusal of the node is an answer with a status, not a broken stream.
      const running = longRunning({ api, info, kind })
      const open = (signal: AbortSignal) => {
        const opened = openStream({ api, caller }, { node, request: wanted, signal })
        running.count++
        opened.signal.addEventListener('abort', () => running.count--, { once: true })
        return opened
      }
      // Who may not read it any more is not told what comes.
      const allowed = allowedUntil(call, () => forbiddenTo(call, info.verb))
      const stream = await started(open, allowed)
      return { type: 'stream', status: 200, contentType: 'text/plain', stream, isPatient: true }
    },
  },
})

/**
 * Waits until the node has accepted or refused, and gives the bytes on. The stream ends with its reader: when the caller goes away, and
 * when nobody reads the answer after all, also while the node has nothing to say.
 */
async function started(
  open: (signal: AbortSignal) => NodeStream,
  allowed: Disposable & { readonly signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const reader = new AbortController()
  const caller = allowed.signal
  const leave = () => {
    caller.removeEventListener('abort', close)
    allowed[Symbol.dispose]()
  }
  const close = () => {
    leave()
    reader.abort(caller.reason ?? new Error('nobody reads any more'))
  }
  caller.addEventListener('abort', close, { once: true })
  if (caller.aborted) close()
  try {
    const stream = open(reader.signal)
    stream.signal.addEventListener('abort', leave, { once: true })
    // An agent of before accepts by its first byte alone: after a moment the caller gets its headers and waits with us.
    let timer: NodeJS.Timeout | undefined
    const moment = new Promise<void>((resolve) => (timer = setTimeout(resolve, firstByteMs)))
    await Promise.race([stream.accepted, moment]).finally(() => clearTimeout(timer))
    return openedBefore(unlessForbidden(bytesOf(stream, reader.signal), caller), close)
  } catch (error) {
    close()
    throw error
  }
}

/** What ends because it may not be read any more is broken off: its reader does not take it for the end of the log. */
async function* unlessForbidden(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* bytes
  if (isApiError(signal.reason, 'Forbidden')) throw signal.reason
}

const firstByteMs = 500

function logRequest(pod: Pod, query: URLSearchParams): StreamRequest<'logs'> {
  const { metadata } = pod
  const tailLines = queryNumber(query, 'tailLines', 0)
  const sinceSeconds = queryNumber(query, 'sinceSeconds', 1)
  const limitBytes = queryNumber(query, 'limitBytes', 1)
  const sinceTime = query.get('sinceTime') ?? undefined
  if (sinceTime !== undefined && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(sinceTime)}: expected an RFC 3339 time`)
  if (sinceTime !== undefined && sinceSeconds !== undefined)
    throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified')
  return {
    kind: 'logs',
    namespace: metadata.namespace ?? '',
    pod: metadata.name,
    podUid: metadata.uid ?? '',
    container: containerOf(pod, query.get('container') ?? '', { byAnnotation: false }),
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(sinceTime !== undefined && { sinceTime }),
    ...(limitBytes !== undefined && { limitBytes }),
  }
}
