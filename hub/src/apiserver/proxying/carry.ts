import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect as secure } from 'node:tls'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { ApiRequest, ApiResponse, IncomingBody } from '@bramble/shared/api/api-request.ts'
import { openedBefore } from '@bramble/shared/async/opened-before.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { betweenBoth } from '@bramble/shared/streams/between-both.ts'
import { outletOf } from '@bramble/shared/streams/outlet.ts'
import { reasonOf } from '../remote/remote-error.ts'
import { headersBack, headersOutwards } from './headers.ts'
import { changeLinks } from './html-links.ts'
import { linkThrough } from './links.ts'
import type { ProxiedUrl } from './proxied-url.ts'

export type Carrying = {
  readonly request: ApiRequest
  /** Whose request it is, as far as that is an address. */
  readonly address?: string | undefined
  readonly url: ProxiedUrl
  /** Nobody asks for the certificate of who is behind: it is whatever is at that address. */
  readonly isTls: boolean
  readonly dial: (signal: AbortSignal) => Promise<Duplex>
  readonly signal: AbortSignal
}

/** Pages beyond it keep their links as they are: to change them takes the whole page. */
const maxPageBytes = 4 * 1024 * 1024
const maxHeaderSize = 32 * 1024

/**
 * Carries a request to what is behind a proxy, and its answer back as it comes, whatever it is (Kubernetes: "Proxies in Kubernetes"). Throws
 * `ServiceUnavailable` for what cannot be reached.
 */
export async function carry(carrying: Carrying): Promise<ApiResponse> {
  const { request, url, signal } = carrying
  // What is read without a path is a folder, and its links are below it.
  if (url.below === '' && request.upgrade === undefined && isRead(request)) {
    const headers = { location: `${url.at}/${url.query}` }
    return { type: 'raw', status: 301, contentType: 'text/html; charset=utf-8', raw: '', headers }
  }
  let connection: Duplex | undefined
  try {
    connection = await connect(carrying)
    const heard = await send(connection, carrying)
    if (heard.type === 'upgraded') return upgraded(heard)
    return answerOf(heard.message, carrying)
  } catch (error) {
    connection?.destroy()
    signal.throwIfAborted()
    throw new ApiError('ServiceUnavailable', `error trying to reach service: ${reasonOf(error)}`, {}, { cause: error })
  }
}

const isRead = ({ method, otherMethod }: ApiRequest): boolean => otherMethod === 'HEAD' || (otherMethod === undefined && method === 'GET')

async function connect({ isTls, dial, signal }: Carrying): Promise<Duplex> {
  const through = await dial(signal)
  if (!isTls) return through
  const socket = secure({ socket: through, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  socket.on('error', () => through.destroy())
  through.on('error', (error) => socket.destroy(error))
  await once(socket, 'secureConnect', { signal })
  return socket
}

type Heard =
  | { readonly type: 'answer'; readonly message: IncomingMessage }
  | { readonly type: 'upgraded'; readonly message: IncomingMessage; readonly socket: Duplex }

function send(connection: Duplex, { request, address, url, signal }: Carrying): Promise<Heard> {
  const { method, otherMethod, body, incoming, upgrade, headers } = request
  const bytes = body === undefined || body instanceof Uint8Array ? body : Buffer.from(exactJson(body))
  const length = incoming === undefined ? (bytes?.length ?? (hasBody(method) ? 0 : undefined)) : incoming.length
  const said: RequestOptions['headers'] = {
    ...headersOutwards({ ...request, address }),
    ...(length === undefined ? incoming && { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }),
    connection: 'close',
    ...(upgrade !== undefined && { connection: 'Upgrade', upgrade: headers['upgrade'] }),
  }
  return new Promise((resolve, reject) => {
    const sent = httpRequest({
      createConnection: () => connection,
      method: otherMethod ?? method,
      path: `${url.below === '' ? '/' : url.below}${url.query}`,
      headers: said,
      setHost: false,
      maxHeaderSize,
    })
    const onAbort = () => sent.destroy()
    signal.addEventListener('abort', onAbort, { once: true })
    sent.once('close', () => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
    sent.once('response', (message) => {
      if (isAnswer(message)) return resolve({ type: 'answer', message })
      sent.destroy()
      reject(noAnswer(message))
    })
    sent.once('upgrade', (message, socket, head) => {
      // Nobody asked for another protocol, and nobody would speak it.
      if (upgrade === undefined) {
        socket.destroy()
        return reject(noAnswer(message))
      }
      if (head.length > 0) socket.unshift(head)
      resolve({ type: 'upgraded', message, socket })
    })
    sent.on('error', reject)
    if (incoming === undefined) sent.end(bytes)
    else void giveOn(incoming, sent)
  })
}

/** What is behind may say any number; callers take others for the beginning of another protocol, or cannot be told at all. */
const isAnswer = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode < 600
const noAnswer = ({ statusCode }: IncomingMessage) =>
  new Error(`it answered with status ${statusCode}, which is no answer to what was asked`)

const hasBody = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH'

function answerOf(message: IncomingMessage, { request, url }: Carrying): ApiResponse {
  const { statusCode: status = 502, headers } = message
  const host = request.headers['host'] ?? request.headers[':authority'] ?? ''
  const through = (link: string) => linkThrough(url, host, link)
  const { location, 'content-type': contentType = 'application/octet-stream', 'content-length': length, 'set-cookie': cookies } = headers
  const isPage = /^text\/html\s*(?:;|$)/i.test(contentType) && location === undefined && headers['content-encoding'] === undefined
  const pieces = piecesOf(message)
  const stream = isPage && request.otherMethod === undefined ? changedPage(pieces, through) : pieces
  return {
    ...{ type: 'stream', status, contentType, isPatient: true },
    headers: {
      ...headersBack(headers),
      ...(location !== undefined && { location: through(location) }),
      ...(length !== undefined && !isPage && { 'content-length': length }),
    },
    ...(cookies !== undefined && { cookies }),
    stream: openedBefore(stream, () => message.destroy()),
  }
}

async function* piecesOf(message: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* message as AsyncIterable<Buffer>
}

async function* changedPage(pieces: AsyncIterable<Uint8Array>, change: (link: string) => string): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces) {
    length += piece.length
    if (length <= maxPageBytes) {
      held.push(piece)
      continue
    }
    yield* held.splice(0)
    yield piece
  }
  if (length <= maxPageBytes) yield await changeLinks(Buffer.concat(held), change)
}

/** As fast as it is taken. Who answers before it has heard all need not hear the rest; of who breaks off in the middle it hears no end. */
async function giveOn({ bytes }: IncomingBody, sent: ClientRequest): Promise<void> {
  const outlet = outletOf(sent)
  // The first piece may be long in coming.
  sent.flushHeaders()
  try {
    for await (const piece of bytes) {
      if (sent.destroyed) return
      sent.write(piece)
      await outlet.room()
    }
    sent.end()
  } catch (error) {
    sent.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** From here on both say to each other what they like. */
function upgraded({ message, socket }: Heard & { readonly type: 'upgraded' }): ApiResponse {
  return {
    type: 'upgrade',
    status: 101,
    async serve(connection) {
      const lines = Array.from(
        { length: message.rawHeaders.length / 2 },
        (_, n) => `${message.rawHeaders[2 * n]}: ${message.rawHeaders[2 * n + 1]}`,
      )
      connection.write(`HTTP/1.1 101 ${message.statusMessage ?? 'Switching Protocols'}\r\n${lines.join('\r\n')}\r\n\r\n`)
      await betweenBoth(connection, socket)
    },
  }
}
