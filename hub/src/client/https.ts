import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { CallOptions, Client, KubeObject, List, Resource, WatchEvent } from '@bramble/shared/api/client.ts'
import { createRestClient, errorOf, type TransportRequest } from '@bramble/shared/api/rest-client.ts'
import { apiVersionOf } from '@bramble/shared/schema/api-version.ts'
import { wholeAnswer } from './whole-answer.ts'

export type HttpsClientOptions = {
  /** `https://host:port` */
  readonly server: string
  readonly ca: string | Buffer
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** Longest line of a watch and body of an answer, in bytes: what a list of a home cluster never reaches. */
const maxAnswerBytes = 64 * 1024 * 1024
const defaultTimeoutMs = 30_000

export type HttpsClient = Client & {
  /** What a path that is no resource answers: `/metrics`. */
  text(path: string): Promise<string>
  close(): void
}

/** The way into the API that everyone outside the hub takes: JSON over HTTPS with a client certificate. */
export function createHttpsClient({ server, ca, cert, key }: HttpsClientOptions): HttpsClient {
  const agent = new Agent({ keepAlive: true, ca, cert, key, maxSockets: 32 })

  function open(
    { method, path, query, only, contentType, body }: TransportRequest,
    { signal, timeoutMs }: CallOptions,
    streaming: boolean,
  ): Promise<IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const search = new URLSearchParams(query).toString()
    const url = new URL(path + (search === '' ? '' : `?${search}`), server)
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        url,
        {
          agent,
          method,
          signal,
          // A stream is allowed to be silent; a plain call is not.
          ...(!streaming && { timeout: timeoutMs ?? defaultTimeoutMs }),
          headers: {
            accept: only === undefined ? 'application/json' : 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
            ...(contentType !== undefined && { 'content-type': contentType }),
            // Node leaves the length of a DELETE's body out by itself, and the server would take the body for the next request.
            ...(payload !== undefined && { 'content-length': Buffer.byteLength(payload) }),
          },
        },
        resolve,
      )
      request.on('timeout', () =>
        request.destroy(new ApiError('Timeout', `no answer from ${server} within ${timeoutMs ?? defaultTimeoutMs} ms`)),
      )
      request.on('error', (cause) =>
        reject(
          isApiError(cause) || signal?.aborted
            ? cause
            : new ApiError('ServiceUnavailable', `cannot reach ${server}: ${cause.message}`, {}, { cause }),
        ),
      )
      request.end(payload)
    })
  }

  const wholeOf = (response: IncomingMessage, parse: (text: string) => unknown = (text) => JSON.parse(text)): Promise<unknown> =>
    wholeAnswer({
      ...{ from: server, status: response.statusCode ?? 500, bytes: response, maxBytes: maxAnswerBytes },
      parse,
    })
  async function throwRefusal(response: IncomingMessage): Promise<void> {
    if ((response.statusCode ?? 500) >= 400) await wholeOf(response)
  }

  const client = createRestClient({
    request: async (request, options) => wholeOf(await open(request, options, false)),
    async *watch(request, options) {
      const response = await open(request, options, true)
      await throwRefusal(response)
      for await (const line of linesOf(response)) {
        const event = parse(line, server) as WatchEvent<KubeObject> | { type: 'ERROR'; object: unknown } // the API's own words
        if (event.type === 'ERROR') throw errorOf(event.object)
        yield event
      }
    },
    async *stream(request, options) {
      const response = await open(request, options, true)
      await throwRefusal(response)
      yield* response as AsyncIterable<Buffer>
    },
  })
  return {
    ...client,
    list: async (resource, query, options) => named(resource, await client.list(resource, query, options)),
    text: async (path) => {
      const response = await open({ method: 'GET', path, query: {} }, {}, false)
      return (await wholeOf(response, response.statusCode === 200 ? (text) => text : undefined)) as string // kept as it came
    },
    close: () => agent.destroy(),
  }
}

/** Items of a list do not say what they are, and who holds one of them must know. */
const named = <T extends KubeObject>(resource: Resource<T>, list: List<T>): List<T> => ({
  ...list,
  items: list.items.map((item) => Object.assign({ apiVersion: apiVersionOf(resource), kind: resource.kind }, item)),
})

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxAnswerBytes) throw new ApiError('RequestEntityTooLarge', `a watch event is larger than ${maxAnswerBytes} bytes`)
    for (const line of lines) if (line !== '') yield line
  }
}

function parse(text: string, server: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ApiError('InternalError', `${server} answered something that is not JSON: ${text.slice(0, 200)}`, {}, { cause })
  }
}
