import type { ApiRequest, ApiResponse, Handler, Method, User } from '@bramble/shared/api-request.ts'
import { ApiError } from '@bramble/shared/api-error.ts'
import { ConfigError } from '@bramble/shared/config.ts'
import { type Clock, systemClock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/log.ts'
import { messageOf, type Service } from '@bramble/shared/service.ts'
import { constants as tlsConstants } from 'node:crypto'
import { once } from 'node:events'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createAllowance } from '@bramble/shared/allowance.ts'
import { keyHashOf } from '@bramble/shared/node-key.ts'
import { createPlaces } from '@bramble/shared/places.ts'
import { keepStrangersFew } from '@bramble/shared/strangers.ts'
import { anonymous, isAnonymous, userOfCertificate } from './authn/client-certificate.ts'
import type { NodeKeys } from './authn/node-keys.ts'
import { isNode, nodeNameOf } from './authz/node-user.ts'
import { type Budget, createBudget } from './budget.ts'
import { type BodyBudget, readBody } from './http-body.ts'
import { writeResponse } from './http-response.ts'
import { failureResponse } from './status.ts'

export type TlsFiles = {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /** Client certificates must be signed by this. */
  readonly ca: string | Buffer
}

export type HttpServerDeps = {
  readonly handle: Handler
  /** Whose certificate is good for which node. Without it every certificate of the CA is. */
  readonly nodeKeys?: Pick<NodeKeys, 'refusalOf' | 'keyOf' | 'onEnded'>
  /** Whether a certificate that ends then (epoch milliseconds) is over; by default that is what the clock says. */
  readonly isOver?: (notAfter: number) => boolean
  readonly tls: TlsFiles
  readonly address: string
  /** 0: any free one; see `listening`. */
  readonly port: number
  readonly log: Log
  readonly clock?: Clock
  /** The apiserver's, so that each identity has one for all doors. */
  readonly budget?: Budget
  readonly maxBodyBytes?: number
  readonly limits?: Partial<DoorLimits>
  readonly sweepMs?: number
}

/** How many connections there may be, of one and in all, and how long one lasts of whom nobody knows. */
export type DoorLimits = {
  /** By address, until there is a certificate that is good. */
  readonly strangers: { readonly ofOne: number; readonly inAll: number }
  /** By the name in the certificate. */
  readonly known: { readonly ofOne: number; readonly inAll: number }
  readonly strangerMs: number
}

export type HttpServer = Service & {
  /** The port, once `run` has the server listening. Rejects when it cannot. */
  readonly listening: Promise<number>
  /** New connections get this certificate; those that are open stay. */
  setTls(tls: TlsFiles): void
}

/** As Kubernetes: what is larger does not belong into an API object. */
const defaultMaxBodyBytes = 3 * 1024 * 1024
/**
 * A connection costs about 60 KiB; a fleet's agents come over MQTT, so these are people, controllers and dashboards. A stranger may
 * only ask whether there is a hub: load balancers do, one short connection at a time.
 */
const defaultLimits: DoorLimits = {
  strangers: { ofOne: 256, inAll: 512 },
  known: { ofOne: 512, inAll: 2000 },
  strangerMs: 20_000,
}
/** What a stranger may ask at once, and what an HTTP/2 session may say beside requests: Go's clients ping every 30 s. */
const streamsOfStranger = 16
const smallTalk = { burst: 200, perSecond: 10 }
/** Requests that are taken back before they had an answer (CVE-2023-44487); watches that end had theirs. */
const takenBack = { burst: 250, perSecond: 50 }
/** Between the word that a session ends and its end. */
const goodbyeMs = 2000
/** How long requests in hand may take when the hub stops. */
const stopMs = 5000
const idleSessionMs = 5 * 60_000
const headersMs = 15_000
/** How long a watch may outlive the certificate that it was opened with. */
const defaultSweepMs = 5000
const keepAliveMs = 30_000

/** The HTTPS door: HTTP/2 for kubectl, HTTP/1.1 for the rest, client certificates for those who have one. */
export function createHttpServer({
  handle,
  nodeKeys,
  clock = systemClock,
  isOver = (notAfter) => clock.now() >= notAfter,
  tls,
  address,
  port,
  log,
  budget = createBudget({ clock }),
  maxBodyBytes = defaultMaxBodyBytes,
  limits,
  sweepMs = defaultSweepMs,
}: HttpServerDeps): HttpServer {
  const { strangers: strangersLimit, known: knownLimit, strangerMs } = { ...defaultLimits, ...limits }
  const server = createSecureServer({
    ...secureOptions(tls),
    allowHTTP1: true,
    // Asked for, not demanded: who has none may see whether there is a hub, and whose is not ours is told so (401) rather than cut off.
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    handshakeTimeout: 10_000,
    // In MiB. Answers waiting for their reader count, and a list of thousands of pods has some.
    maxSessionMemory: 32,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    settings: { maxConcurrentStreams: 250, maxHeaderListSize: 32 * 1024 },
  })
  // Of the HTTP/1.1 side, which the types of the HTTP/2 server leave out.
  Object.assign(server, { headersTimeout: headersMs, requestTimeout: 60_000, keepAliveTimeout: 75_000 })
  server.maxConnections = strangersLimit.inAll + knownLimit.inAll
  const strangers = keepStrangersFew(server, strangersLimit)
  const known = createPlaces(knownLimit)

  const sessions = new Set<ServerHttp2Session>()
  const peers = new WeakMap<object, Peer>()
  const open = new Map<Promise<void>, { readonly gone: AbortController; readonly holder: object }>()

  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true)
    // A watcher that vanished behind NAT says nothing; without this its watch would stay for good.
    socket.setKeepAlive(true, keepAliveMs)
    const peer = peerOfSocket(socket)
    const { user } = peer
    if (isStranger(peer) || user === undefined) {
      const overdue = setTimeout(() => socket.destroy(), strangerMs + goodbyeMs)
      socket.once('close', () => clearTimeout(overdue))
      return
    }
    strangers.isKnown(socket)
    const guest = { of: user.name, end: () => socket.destroy() }
    known.enter(guest)
    socket.once('close', () => known.leave(guest))
  })
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.setTimeout(idleSessionMs, () => session.close()) // waits for its open streams
    const calm = () => session.destroy(new Error('it says more than a session may'), constants.NGHTTP2_ENHANCE_YOUR_CALM)
    const said = createAllowance({ clock, ...smallTalk })
    const onSmallTalk = () => {
      if (!said.take('')) calm()
    }
    session.on('ping', onSmallTalk)
    session.on('remoteSettings', onSmallTalk)
    const back = createAllowance({ clock, ...takenBack })
    const isUnknown = isStranger(peerOfSocket(session.socket as TLSSocket)) // the only listener is a TLS server
    let open = 0
    session.on('stream', (stream) => {
      if (++open > streamsOfStranger && isUnknown) return calm()
      stream.once('close', () => {
        open -= 1
        if (!stream.headersSent && !back.take('')) calm()
      })
    })
    if (!isUnknown) return
    session.settings({ maxConcurrentStreams: streamsOfStranger })
    const goodbye = setTimeout(() => session.close(), strangerMs)
    session.on('close', () => clearTimeout(goodbye))
  })
  // Scanners and clients that went away; there is nobody to tell.
  server.on('tlsClientError', (error) => log.debug({ error: error.message }, 'tls handshake failed'))
  server.on('sessionError', (error) => log.debug({ error: error.message }, 'http2 session failed'))
  server.on('request', (request, response) => {
    const gone = new AbortController()
    const answer = serve(request, response, gone).catch((error: unknown) => {
      log.warn({ error, path: pathOnly(request.url) }, 'request broke off')
      response.stream?.destroy()
      if (response.stream === undefined) request.socket.destroy()
    })
    open.set(answer, { gone, holder: request.stream?.session ?? request.socket })
    void answer.finally(() => open.delete(answer))
  })

  const peerOf = (request: Http2ServerRequest): { readonly peer: Peer; readonly holder: object } => {
    const holder: object = request.stream?.session ?? request.socket
    let peer = peers.get(holder)
    if (peer === undefined) {
      peer = peerOfSocket((request.stream?.session?.socket ?? request.socket) as TLSSocket)
      peers.set(holder, peer)
    }
    return { peer, holder }
  }

  /** Why nobody is served who has this certificate; undefined when its holder is. Asked at each request: a connection may outlive its rights. */
  const refusalOf = ({ user, node, key, until }: Peer): string | undefined => {
    if (user === undefined || isOver(until)) return 'Unauthorized'
    if (nodeKeys === undefined || !isNode(user)) return undefined
    if (node === undefined || key === undefined) return 'Unauthorized'
    const refusal = nodeKeys.refusalOf(node, key)
    if (refusal !== undefined) return refusal
    return nodeKeys.keyOf(node) === key ? undefined : `node ${node} has no key yet: it gets it when its agent connects`
  }

  /** Also with a certificate that is good for nothing: to ask for nothing there are places enough. */
  const isStranger = (peer: Peer): boolean => peer.user === undefined || isAnonymous(peer.user) || refusalOf(peer) !== undefined

  /** What was opened with rights that have ended, watches above all, ends with them. */
  const endRefused = (isConcerned: (peer: Peer) => boolean): void => {
    for (const { gone, holder } of open.values()) {
      const peer = peers.get(holder)
      if (peer === undefined || !isConcerned(peer)) continue
      const refusal = refusalOf(peer)
      if (refusal !== undefined) gone.abort(new Error(refusal))
    }
  }

  /** A controller makes its signal when it is first asked for one, which only watches and streams do: it is handed on unasked. */
  async function serve(request: Http2ServerRequest, response: Http2ServerResponse, gone: AbortController): Promise<void> {
    const onClose = () => gone.abort(new Error('the client went away'))
    response.on('close', onClose)
    // Writing to a reader that has just gone is an event that would end the process if nobody took it.
    response.on('error', onClose)
    // Of a stranger's HTTP/1.1 connection nothing is kept alive.
    if (request.httpVersionMajor === 1 && isStranger(peerOf(request).peer)) response.setHeader('connection', 'close')
    try {
      const answer = await answerTo(request, gone)
      await writeResponse(answer, request, response, gone)
    } finally {
      response.off('close', onClose)
    }
  }

  async function answerTo(request: Http2ServerRequest, gone: AbortController): Promise<ApiResponse> {
    try {
      const { peer } = peerOf(request)
      const refusal = refusalOf(peer)
      const { user } = peer
      if (refusal !== undefined || user === undefined) throw new ApiError('Unauthorized', refusal ?? 'Unauthorized')
      const bodies: BodyBudget = {
        take: (bytes) => budget.takeBody(user, bytes),
        giveBack: (bytes) => budget.giveBackBody(user, bytes),
      }
      const asked = await apiRequest(request, { gone, budget: bodies, maxBodyBytes: isAnonymous(user) ? 0 : maxBodyBytes })
      try {
        return await handle(asked, user)
      } finally {
        if (asked.body instanceof Uint8Array) bodies.giveBack(asked.body.byteLength)
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return failureResponse(error)
    }
  }

  let opened: (port: number) => void = () => {}
  let failed: (error: unknown) => void = () => {}
  const listening = new Promise<number>((resolve, reject) => {
    opened = resolve
    failed = reject
  })
  listening.catch(() => {}) // `run` tells it to those who do not ask

  return {
    name: 'https',
    listening,
    setTls: (next) => server.setSecureContext(secureOptions(next)),
    async run(signal) {
      if (signal.aborted) return
      try {
        opened(await listen(server, { address, port }))
      } catch (error) {
        failed(error)
        throw error
      }
      const unsubscribe = nodeKeys?.onEnded((node) => endRefused((peer) => peer.node === node))
      const sweep = setInterval(() => endRefused(() => true), sweepMs)
      try {
        await new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => resolve(), { once: true })
          server.once('error', reject)
          if (signal.aborted) resolve()
        })
      } finally {
        clearInterval(sweep)
        unsubscribe?.()
        await close({ server, sessions, open })
      }
    },
  }
}

async function listen(server: Http2SecureServer, { address, port }: Pick<HttpServerDeps, 'address' | 'port'>): Promise<number> {
  try {
    server.listen({ host: address, port })
    await once(server, 'listening')
  } catch (cause) {
    throw new ConfigError(
      messageOf(cause).includes('EADDRINUSE')
        ? `the HTTPS port ${port} is in use by another program: stop that, or choose another port`
        : `cannot serve HTTPS at ${address}:${port}: ${messageOf(cause)}`,
      { cause },
    )
  }
  return (server.address() as AddressInfo).port // a TCP server's address is one
}

// A handshake costs us more than whoever asks for it: one a connection.
const secureOptions = ({ cert, key, ca }: TlsFiles) => ({ cert, key, ca, secureOptions: tlsConstants.SSL_OP_NO_RENEGOTIATION })

/** Who is at the other end, with which key if it is a node, and until when that is certified. */
type Peer = { readonly user: User | undefined; readonly until: number; readonly node?: string; readonly key?: string }

/** Anonymous without a certificate; nobody with one that is not ours. */
function peerOfSocket(socket: TLSSocket): Peer {
  const certificate = socket.getPeerCertificate()
  if (certificate === null || certificate.subject === undefined) return { user: anonymous, until: Infinity }
  const user = socket.authorized ? userOfCertificate(certificate) : undefined
  const node = user === undefined ? undefined : nodeNameOf(user)
  const x509 = node === undefined ? undefined : socket.getPeerX509Certificate()
  return {
    user,
    until: Date.parse(certificate.valid_to),
    ...(node !== undefined && { node }),
    ...(x509 !== undefined && { key: keyHashOf(x509) }),
  }
}

const methods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies readonly Method[]

/** With no bytes allowed the body is not read: whoever may not ask anything need not send anything. */
type Limits = { readonly gone: AbortController; readonly maxBodyBytes: number; readonly budget: BodyBudget }

async function apiRequest(request: Http2ServerRequest, { gone, maxBodyBytes, budget }: Limits): Promise<ApiRequest> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (!methods.includes(method)) throw new ApiError('MethodNotAllowed', `the server does not allow the method ${method}`)
  const query = request.url.indexOf('?')
  // Before the body: nothing may fail after it, because only the caller gives back what it takes.
  const path = decodedPath(pathOnly(request.url))
  const body = method === 'GET' || maxBodyBytes === 0 ? undefined : await readBody(request, maxBodyBytes, budget)
  if (maxBodyBytes === 0) request.resume()
  return {
    method: method as Method, // one of the above
    path,
    query: new URLSearchParams(query < 0 ? '' : request.url.slice(query + 1)),
    headers: request.headers as ApiRequest['headers'], // Node joins repeated ones, but for set-cookie, which no request has
    ...(body !== undefined && body.byteLength > 0 && { body }),
    get signal() {
      return gone.signal
    },
  }
}

const pathOnly = (url: string | undefined): string => url?.split('?', 1)[0] ?? ''

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new ApiError('BadRequest', 'the path is not percent-encoded UTF-8')
  }
}

type Closing = {
  readonly server: Http2SecureServer
  readonly sessions: ReadonlySet<ServerHttp2Session>
  readonly open: ReadonlyMap<Promise<void>, { readonly gone: AbortController }>
}

/** No new connections; watches end; what is in hand is finished; then the rest is cut off. */
async function close({ server, sessions, open }: Closing): Promise<void> {
  const closed = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : Promise.resolve()
  for (const { gone } of open.values()) gone.abort(new Error('the hub is stopping'))
  for (const session of sessions) session.close()
  const timer = setTimeout(() => {
    for (const session of sessions) session.destroy()
  }, stopMs)
  try {
    await Promise.race([Promise.allSettled(open.keys()), new Promise<void>((resolve) => setTimeout(resolve, stopMs).unref())])
    // Of HTTP/1.1; its keep-alive connections would hold the server open.
    const http1 = server as unknown as { closeAllConnections?(): void }
    http1.closeAllConnections?.()
    for (const session of sessions) session.destroy()
    await closed
  } finally {
    clearTimeout(timer)
  }
}
