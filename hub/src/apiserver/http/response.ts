import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { ApiResponse, RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { discard } from '@bramble/shared/api/discard.ts'
import { constants, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip, gzip as gzipCallback } from 'node:zlib'

const gzip = promisify(gzipCallback)

/**
 * A reader that takes nothing for so long is gone or means harm; what it has not read is held in memory for it, and a list or a watch takes a place
 * that others wait for. A log waits for its reader as in Kubernetes: a `kubectl logs -f` that is stopped goes on when it is continued. Who
 * has vanished is ended by the connection (`vanished.ts`).
 */
const stuckMs = 60_000

/** As Kubernetes: smaller answers are not worth the time. */
const gzipFromBytes = 128 * 1024

/** Text up to this is left to Node, which writes it without a buffer of ours. For a long one it would take three bytes a character. */
const smallText = 16 * 1024

/** Sends an answer of the apiserver; returns when it is out, or its reader gone. Whatever was opened for it is closed then. */
export async function writeResponse(
  answer: ApiResponse,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  gone: AbortController,
): Promise<void> {
  try {
    await write(answer, request, response, gone)
  } finally {
    if (answer.type === 'events' || answer.type === 'stream') discard(answer)
  }
}

async function write(
  answer: ApiResponse,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  gone: AbortController,
): Promise<void> {
  const headers = { 'cache-control': 'no-cache, private', ...answer.headers }
  switch (answer.type) {
    case 'object':
      return write(wholeAnswer(answer), request, response, gone)
    case 'raw':
      return send(request, response, {
        status: answer.status,
        headers: { ...headers, 'content-type': answer.contentType },
        body: answer.raw,
        sizes: answer.sizes,
      })
    case 'events':
      response.writeHead(answer.status, { ...headers, ...json })
      if (request.method === 'HEAD') return void response.end()
      flushHeaders(response)
      return pipe(answer.events, sizedEvents(answer.sizes), { response, signal: gone.signal, patienceMs: stuckMs })
    case 'stream': {
      const isSquashed = answer.isCompressible === true && acceptsGzip(request) && !isLocal(request)
      response.writeHead(answer.status, {
        ...headers,
        'content-type': answer.contentType,
        ...(isSquashed && squashedHeaders),
        ...(answer.cookies && { 'set-cookie': [...answer.cookies] }),
      })
      if (request.method === 'HEAD') return void response.end()
      flushHeaders(response)
      let bytes = 0
      const counted = (chunk: Uint8Array) => {
        bytes += chunk.byteLength
        return chunk
      }
      const patienceMs = answer.isPatient === true ? undefined : stuckMs
      await pipe(isSquashed ? squashed(answer.stream) : answer.stream, counted, { response, signal: gone.signal, patienceMs })
      answer.sizes?.observe(bytes)
      return
    }
    case 'upgrade':
      throw new Error('an answer that needs the connection itself was given to a door that keeps it')
    default:
      return answer satisfies never
  }
}

const json = { 'content-type': 'application/json' }
const squashedHeaders = { 'content-encoding': 'gzip', vary: 'accept-encoding' }

/** An object as the text that is sent. */
export const wholeAnswer = (answer: ApiResponse & { type: 'object' | 'raw' }): ApiResponse & { type: 'raw' } =>
  answer.type === 'raw'
    ? answer
    : {
        status: answer.status,
        ...(answer.headers && { headers: answer.headers }),
        ...(answer.sizes && { sizes: answer.sizes }),
        type: 'raw',
        contentType: 'application/json',
        raw: exactJson(answer.object),
      }

/** Its reader's leaving ends the source too. */
async function* squashed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const squeezed = createGzip({ level: 1 })
  const fed = pipeline(Readable.from(bytes, { objectMode: false }), squeezed)
  fed.catch(() => {}) // told where it is read
  yield* squeezed as AsyncIterable<Uint8Array> // what gzip makes is bytes
}

type Whole = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  readonly sizes: ApiResponse['sizes']
}

async function send(request: Http2ServerRequest, response: Http2ServerResponse, { status, headers, body, sizes }: Whole): Promise<void> {
  const hasNoBody = request.method === 'HEAD' || status === 304 || status === 204
  if (hasNoBody) {
    response.writeHead(status, headers)
    response.end()
    return
  }
  const whole = typeof body === 'string' && body.length > smallText ? Buffer.from(body) : body
  const isSquashed = Buffer.byteLength(whole) >= gzipFromBytes && acceptsGzip(request) && !isLocal(request)
  const sent = isSquashed ? await gzip(whole, { level: 1 }) : whole
  const length = Buffer.byteLength(sent)
  sizes?.observe(length)
  response.writeHead(status, {
    ...headers,
    'content-length': String(length),
    ...(isSquashed && squashedHeaders),
  })
  response.setTimeout(stuckMs, () => cutOff(response))
  response.end(sent)
}

const acceptsGzip = ({ headers }: Http2ServerRequest): boolean => /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))

/** On the same machine compressing costs more than it saves. */
function isLocal({ socket, stream }: Http2ServerRequest): boolean {
  const { remoteAddress, localAddress } = stream?.session?.socket ?? socket
  return remoteAddress === localAddress
}

/** HTTP/2 sends its headers with `writeHead`; HTTP/1.1 keeps them for the first byte, which a watch may wait long for. */
function flushHeaders(response: Http2ServerResponse): void {
  if ('flushHeaders' in response) (response as unknown as { flushHeaders(): void }).flushHeaders() // only the HTTP/1.1 response has it
}

/** Shared events have shared bytes: encoded once, however many watchers. */
const encoded = new WeakMap<RawWatchEvent, Buffer>()

function eventBytes(event: RawWatchEvent): Uint8Array {
  let bytes = encoded.get(event)
  if (bytes === undefined) encoded.set(event, (bytes = Buffer.from(`${event.text}\n`)))
  return bytes
}

const sizedEvents =
  (sizes: ApiResponse['sizes']) =>
  (event: RawWatchEvent): Uint8Array => {
    const bytes = eventBytes(event)
    sizes?.observe(bytes.byteLength)
    return bytes
  }

/** `patienceMs`: how long a reader may take nothing, where that has an end. */
type Reader = { readonly response: Http2ServerResponse; readonly signal: AbortSignal; readonly patienceMs: number | undefined }

/** Writes as fast as the reader reads, and no faster: what it does not take stays in the bounded queue behind the iterable. */
async function pipe<T>(items: AsyncIterable<T>, bytesOf: (item: T) => Uint8Array, reader: Reader): Promise<void> {
  const { response, signal } = reader
  try {
    for await (const item of items) {
      if (signal.aborted) break
      if (!response.write(bytesOf(item))) await drained(reader)
    }
    response.end()
  } catch (error) {
    // The headers are out, so the only way to say that something is missing is not to end well.
    cutOff(response)
    if (!signal.aborted) throw error
  }
}

function cutOff(response: Http2ServerResponse): void {
  if (response.stream !== undefined) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else response.socket.destroy()
}

function drained({ response, signal, patienceMs }: Reader): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer)
      response.off('drain', done)
      signal.removeEventListener('abort', done)
    }
    const done = () => {
      finish()
      resolve()
    }
    const giveUp = (ms: number) => {
      finish()
      reject(new Error(`the reader took nothing for ${ms / 1000} s`))
    }
    const timer = patienceMs === undefined ? undefined : setTimeout(giveUp, patienceMs, patienceMs)
    response.on('drain', done)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
}
