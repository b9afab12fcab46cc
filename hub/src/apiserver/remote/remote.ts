import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Method } from '@bramble/shared/api/api-request.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import type { OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { Registry } from '../objects/registry.ts'
import { createDial } from './dial.ts'
import { hasRouteTo as hasOwnRouteTo } from './host-routes.ts'
import { createPlacesAt } from './places-at.ts'
import { placesOf } from './places.ts'
import { type Identity, RemoteAgent, type Towards } from './remote-agent.ts'
import { reasonOf, RemoteError } from './remote-error.ts'
import { type ClientConfig, targetOf, type Target } from './target.ts'

export type RemoteRequest = {
  readonly method: Method
  /** Instead of the one in the config. */
  readonly path?: string
  /** Beside the one in the config. */
  readonly query?: URLSearchParams
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** Shown as a client certificate. */
  readonly identity?: Identity
  /** Until the whole answer is there; of `open` until its head is. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type RemoteHead = { readonly status: number; readonly headers: IncomingMessage['headers'] }
export type RemoteAnswer = RemoteHead & { readonly body: Buffer }
export type OpenAnswer = RemoteHead & {
  /** As it comes; the connection ends with who reads it. */
  readonly bytes: IncomingMessage
}

/**
 * Asks servers that objects in the API name: webhooks, conversions, APIServices. They are strangers: nothing of the hub's own is shown to them
 * but what the request says, redirects are not followed, and what they say has bounds in time and size. Throws a `RemoteError`.
 */
export type Remote = {
  /** The whole answer, of `maxBytes` at most, whatever its status is. */
  ask(config: ClientConfig, request: RemoteRequest & { readonly maxBytes: number }): Promise<RemoteAnswer>
  /** Its head, and the rest as it comes. */
  open(config: ClientConfig, request: RemoteRequest): Promise<OpenAnswer>
  close(): void
}

export type RemoteDeps = {
  readonly registry: Registry
  readonly openNodeStream: OpenNodeStream
  readonly random: () => number
  readonly hasRouteTo?: (address: string) => Promise<boolean>
  /** Hears how each was answered, `<error>` where it was not. */
  readonly count?: (labels: { readonly code: string; readonly host: string; readonly method: string }) => void
}

const maxHeaderSize = 16 * 1024
// Whom one server keeps waiting, wait for that one. Who opens answers counts them by who asks for them.
const maxAtOnce = 32
/** In all. What the hub asks for itself has others, which nobody's watches take from it. */
export const maxOpen = 512

/** Anybody who makes objects can think of more names; those that come later are counted as one. */
const maxCountedHosts = 64

export function createRemote({ registry, openNodeStream, random, hasRouteTo = hasOwnRouteTo, count = () => {} }: RemoteDeps): Remote {
  const dial = createDial({ openNodeStream, hasRouteTo, random })
  const places = createPlacesAt(maxAtOnce)
  const counted = new Set<string>()
  const hostOf = ({ authority }: Target): string => {
    if (counted.size < maxCountedHosts) counted.add(authority)
    return counted.has(authority) ? authority : 'other'
  }
  const dialTarget = ({ at }: Target, signal: AbortSignal) => dial(at.type === 'host' ? [at] : placesOf(registry, at), signal)
  const asks = new RemoteAgent(dialTarget, { maxSockets: maxAtOnce })
  const opens = new RemoteAgent(dialTarget, { maxSockets: maxOpen })

  /** What goes wrong is told with who was asked for what, as Go's clients tell it. */
  async function asking<T>(
    config: ClientConfig,
    { mayRepeat, agent, enter, ...request }: RemoteRequest & Way,
    act: (message: IncomingMessage) => Promise<T> | T,
  ): Promise<T> {
    const target = targetSafely(config)
    using limit = linkSignals(request.signal)
    const timer = setTimeout(() => limit.abort(timedOut), request.timeoutMs)
    const path = pathOf(target, request)
    let leave = () => {}
    let code = '<error>'
    try {
      leave = (await enter?.(target.key, limit.signal)) ?? leave
      const message = await send({ agent, target, request, path, mayRepeat, signal: limit.signal })
      code = String(message.statusCode ?? code)
      return await act(message)
    } catch (error) {
      request.signal.throwIfAborted()
      const isTimeout = limit.signal.reason === timedOut
      const url = `https://${target.authority}${path}`
      const what = isTimeout ? 'context deadline exceeded' : reasonOf(error)
      throw new RemoteError(`${request.method[0]}${request.method.slice(1).toLowerCase()} "${url}": ${what}`, { cause: error, isTimeout })
    } finally {
      leave()
      clearTimeout(timer)
      count({ code, host: hostOf(target), method: request.method })
    }
  }

  return {
    ask: (config, { maxBytes, ...request }) =>
      asking(config, { ...request, mayRepeat: true, agent: asks, enter: places.enter }, async (message) => ({
        ...headOf(message),
        body: await wholeOf(message, maxBytes),
      })),
    open: (config, request) =>
      asking(config, { ...request, mayRepeat: request.method === 'GET', agent: opens }, (message) => {
        endWith(message, request.signal)
        return { ...headOf(message), bytes: message }
      }),
    close() {
      asks.destroy()
      opens.destroy()
    },
  }
}

type Way = Pick<Sending, 'agent' | 'mayRepeat'> & { readonly enter?: (name: string, signal: AbortSignal) => Promise<() => void> }

const timedOut = new Error('context deadline exceeded')

function targetSafely(config: ClientConfig): Target {
  try {
    return targetOf(config)
  } catch (error) {
    throw new RemoteError(reasonOf(error), { cause: error })
  }
}

function pathOf({ path, query }: Target, request: RemoteRequest): string {
  const asked = [query, request.query?.toString() ?? ''].filter((part) => part !== '').join('&')
  return `${request.path ?? path}${asked === '' ? '' : `?${asked}`}`
}

type Sending = {
  readonly agent: RemoteAgent
  readonly target: Target
  readonly request: RemoteRequest
  readonly path: string
  /** It does no harm to say it twice. */
  readonly mayRepeat: boolean
  readonly signal: AbortSignal
}

/** A connection that was kept may have ended a moment ago, which is no failure of the server. */
async function send(sending: Sending): Promise<IncomingMessage> {
  for (;;) {
    const tried = await sendOnce(sending)
    if (tried !== 'stale') return tried
  }
}

function sendOnce({ agent, target, request, path, mayRepeat, signal }: Sending): Promise<IncomingMessage | 'stale'> {
  const { method, headers = {}, body, identity } = request
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const towards: Towards = { target, identity, signal }
    const sent = httpsRequest({
      agent,
      method,
      path,
      headers: { ...headers, ...length, host: target.authority },
      maxHeaderSize,
      ...towards,
    })
    sent.once('response', (message) => resolve(message))
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = mayRepeat && sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE') && !signal.aborted
      if (isStale) resolve('stale')
      else reject(signal.aborted ? signal.reason : error)
    })
    // Nobody speaks another protocol with it over the same connection.
    sent.on('upgrade', (_message, socket) => {
      socket.destroy()
      reject(new Error('the server switched protocols unasked'))
    })
    sent.end(body)
  })
}

function endWith(message: IncomingMessage, signal: AbortSignal): void {
  const end = () => message.destroy(new RemoteError('nobody waits for the answer any more', { cause: signal.reason }))
  message.on('error', () => {}) // who reads hears it
  signal.addEventListener('abort', end, { once: true })
  message.once('close', () => signal.removeEventListener('abort', end))
  if (signal.aborted) end()
}

const headOf = ({ statusCode = 0, headers }: IncomingMessage): RemoteHead => ({ status: statusCode, headers })

async function wholeOf(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop ends the connection.
    if (length > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
