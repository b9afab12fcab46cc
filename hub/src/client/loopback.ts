import { parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import type { ApiRequest, ApiResponse, Handler } from '@bramble/shared/api/api-request.ts'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { CallOptions, Client, KubeObject, WatchEvent } from '@bramble/shared/api/client.ts'
import { discard } from '@bramble/shared/api/discard.ts'
import { createRestClient, errorOf, type TransportRequest } from '@bramble/shared/api/rest-client.ts'
import { sharedMetadata, sharedObjects } from '../apiserver/answers/own-accept.ts'
import { type HubPart, overLoopback } from '../apiserver/authz/hub-parts.ts'
import { wholeAnswer } from './whole-answer.ts'

/** A write waits for a disk; a hub that does not answer its own parts in this time is beyond help. */
const defaultTimeoutMs = 60_000

/**
 * The API from inside the hub: the same chain as for everybody else, but objects go in and come out as they are, without a
 * network and without being turned into text.
 */
export function createLoopbackClient({ handle, user, manager }: HubPart & { readonly handle: Handler }): Client {
  const caller = overLoopback(user)
  const send = (request: TransportRequest, signal: AbortSignal): Promise<ApiResponse> =>
    handle(apiRequest(request, manager, signal), caller)

  return createRestClient({
    request: (request, options) =>
      within(options, async (signal) => {
        const response = await send(request, signal)
        if (response.type === 'object' && response.status < 400) return response.object
        if (response.type === 'raw' && response.status < 400) return parseExactJson(textOf(response.raw))
        if (response.type !== 'stream') throw failureOf(response)
        const { status, stream: bytes } = response
        if (request.method === 'DELETE' && status < 400) return passOver(bytes)
        // So do other servers answer.
        return wholeAnswer({ from: 'another server', status, bytes, maxBytes: maxAnswerBytes, parse: parseExactJson })
      }),
    async *watch(request, { signal }) {
      const response = await send(request, signal)
      if (response.type !== 'events') throw failureOf(response)
      for await (const { type, object } of response.events) {
        if (type === 'ERROR') throw errorOf(object)
        yield { type, object: object as KubeObject } satisfies WatchEvent<KubeObject> // what a watch of this resource carries
      }
    },
    async *stream(request, { signal = new AbortController().signal }) {
      const response = await send(request, signal)
      if (response.type === 'stream') yield* response.stream
      else throw failureOf(response)
    },
  })
}

const apiRequest = (
  { method, path, query, only, contentType, body }: TransportRequest,
  manager: string,
  signal: AbortSignal,
): ApiRequest => ({
  method,
  path: decodeURIComponent(path),
  query: new URLSearchParams(query),
  headers: {
    accept: only === undefined ? sharedObjects : sharedMetadata,
    'user-agent': manager,
    ...(contentType !== undefined && { 'content-type': contentType }),
  },
  ...(typeof body === 'object' && body !== null && { body }),
  signal,
})

/** Of other servers; a page of what they keep that is larger can be asked for in smaller ones. */
const maxAnswerBytes = 4 * 1024 * 1024

/** What was deleted is told at length to nobody. Read as far as is bearable, the connection is good for the next request. */
async function passOver(stream: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.byteLength
    if (bytes > maxAnswerBytes) return
  }
}

const textOf = (raw: string | Uint8Array): string => (typeof raw === 'string' ? raw : Buffer.from(raw).toString('utf8'))

function failureOf(response: ApiResponse): ApiError {
  if (response.type === 'object') return errorOf(response.object)
  discard(response)
  return new ApiError('InternalError', `expected an object from the apiserver, found an answer of type ${response.type}`)
}

/** Ends with the call, with the caller's signal or with the deadline, whichever is first; a call that does not listen is left alone. */
async function within<T>({ signal, timeoutMs = defaultTimeoutMs }: CallOptions, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal?.throwIfAborted()
  using deadline = createDeadline(timeoutMs, signal)
  const both = deadline.signal
  const over = new Promise<never>((_, reject) =>
    both.addEventListener(
      'abort',
      () =>
        reject(
          deadline.hasPassed ? new ApiError('Timeout', `the apiserver did not answer within ${timeoutMs} ms`) : (both.reason as Error),
        ), // whatever the caller aborted with
    ),
  )
  return await Promise.race([call(both), over])
}
