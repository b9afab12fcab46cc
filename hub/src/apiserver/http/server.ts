import type { Handler } from '@bramble/shared/api/api-request.ts'
import { type Clock, systemClock } from '@bramble/shared/clock.ts'
import { strongTls } from '@bramble/shared/identity/strong-tls.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import { constants as tlsConstants } from 'node:crypto'
import { once } from 'node:events'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { type Audit, unwritten } from '../audit/audit.ts'
import type { NodeKeys } from '../authn/node-keys.ts'
import type { Tokens } from '../authn/tokens/tokens.ts'
import { type Budget, createBudget } from '../fairness/budget.ts'
import { createAnswering } from './answering.ts'
import { type Asker, createAskers } from './asker.ts'
import { close, type Open, stopping } from './close.ts'
import { createGuests, type GuestLimits } from './guests.ts'
import { createHearing, defaultRefusalMs, hangUp } from './hearing.ts'
import { createPeers } from './peer.ts'
import { pathOnly } from './request.ts'
import { asRequest } from './upgrading.ts'
import { endVanished } from './vanished.ts'

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
  /** Whose a token is. Without it none is good for anything. */
  readonly tokens?: Pick<Tokens, 'authenticate'>
  /** Whether a certificate that ends then (epoch milliseconds) is over; by default that is what the clock says. */
  readonly isOver?: (notAfter: number) => boolean
  readonly tls: TlsFiles
  readonly address: string
  /** 0: any free one; see `listening`. */
  readonly port: number
  readonly log: Log
  readonly clock?: Clock
  /** Writes down whom the door does not let in. Without it nobody does. */
  readonly audit?: Pick<Audit, 'begin' | 'beginUnknown'>
  /** The apiserver's, so that each identity has one for all doors. */
  readonly budget?: Budget
  readonly maxBodyBytes?: number
  readonly limits?: Partial<DoorLimits>
  readonly sweepMs?: number
}

export type DoorLimits = GuestLimits & {
  /** How long a refusal waits, see `createHearing`. */
  readonly refusalMs: number
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
  refusalMs: defaultRefusalMs,
}
const idleSessionMs = 5 * 60_000
const headersMs = 15_000
/** How long a watch may outlive the certificate that it was opened with. */
const defaultSweepMs = 5000
const keepAliveMs = 30_000
/** Of one HTTP/2 session, at once. */
const maxStreams = 250

/** The HTTPS door: HTTP/2 for kubectl, HTTP/1.1 for the rest, client certificates for those who have one, tokens for the others. */
export function createHttpServer({
  handle,
  nodeKeys,
  tokens,
  clock = systemClock,
  isOver = (notAfter) => clock.now() >= notAfter,
  tls,
  address,
  port,
  log,
  budget = createBudget({ clock }),
  audit = unwritten,
  maxBodyBytes = defaultMaxBodyBytes,
  limits,
  sweepMs = defaultSweepMs,
}: HttpServerDeps): HttpServer {
  const { refusalMs, ...guestLimits } = { ...defaultLimits, ...limits }
  const server = createSecureServer({
    ...secureOptions(tls),
    allowHTTP1: true,
    // Asked for, not demanded: who has none may see whether there is a hub, and whose is not ours is told so (401) rather than cut off.
    requestCert: true,
    rejectUnauthorized: false,
    handshakeTimeout: 10_000,
    // In MiB. Answers waiting for their reader count, and a list of thousands of pods has some.
    maxSessionMemory: 32,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: 32 * 1024 },
  })
  // Of the HTTP/1.1 side, which the types of the HTTP/2 server leave out. How long a body may take is settled where it is read (`body.ts`): one that is carried
  // on takes as long as it likes.
  Object.assign(server, { headersTimeout: headersMs, requestTimeout: 0, keepAliveTimeout: 75_000 })
  server.maxConnections = guestLimits.strangers.inAll + guestLimits.known.inAll
  const guests = createGuests(server, guestLimits, { clock, maxStreams })
  const hearing = createHearing({ clock, refusalMs })
  const serve = createAnswering({ handle, hearing, budget, maxBodyBytes, isStopping: () => isStopping, audit })

  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const sessions = new Set<ServerHttp2Session>()
  const peers = createPeers({ ca: tls.ca, nodeKeys, isOver })
  const askers = createAskers({ peers, tokens, log })
  const open = new Map<Promise<void>, Open & { readonly asker: Asker }>()
  let isStopping = false

  /** Whatever is odd about a connection costs that connection: what a listener throws would end the process. */
  const contained =
    <A extends readonly unknown[]>(meet: (...these: A) => void, end: (...these: A) => void) =>
    (...these: A): void => {
      try {
        meet(...these)
      } catch (error) {
        log.warn({ error }, 'a connection is ended: it could not be dealt with')
        end(...these)
      }
    }

  const meetSocket = (socket: TLSSocket) => {
    socket.setNoDelay(true)
    // A watcher that vanished behind NAT says nothing; without this its watch would stay for good.
    socket.setKeepAlive(true, keepAliveMs)
    const peer = peers.ofSocket(socket)
    guests.meet(socket, peers.isStranger(peer) ? undefined : peer.user?.name)
  }
  const meetSession = (session: ServerHttp2Session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    session.setTimeout(idleSessionMs, () => session.close()) // waits for its open streams
    guests.meetSession(session, peers.isStranger(peers.ofSocket(session.socket as TLSSocket))) // the only listener is a TLS server
  }
  // Scanners and clients that went away; there is nobody to tell.
  server.on('tlsClientError', (error) => log.debug({ error: error.message }, 'tls handshake failed'))
  server.on('sessionError', (error) => log.debug({ error: error.message }, 'http2 session failed'))
  const meetRequest = (request: Http2ServerRequest, response: Http2ServerResponse, connection?: TLSSocket) => {
    const asker = askers.of(request)
    // Until then it is heard as anybody is, so that to be looked at costs a stranger's part.
    if (!hearing.hears(request, asker instanceof Promise ? askers.strangerOf(request) : asker)) return hangUp(request)
    const answered =
      asker instanceof Promise
        ? asker.then((known) => answer({ request, response, connection }, known))
        : answer({ request, response, connection }, asker)
    hearing.until(
      request,
      answered.catch((error: unknown) => {
        log.warn({ error, path: pathOnly(request.url) }, 'request broke off')
        response.stream?.destroy()
        if (response.stream === undefined) request.socket.destroy()
      }),
    )
  }
  const answer = ({ request, response, connection }: Met, asker: Asker): Promise<void> => {
    // Gone while it was looked at.
    if (response.destroyed || response.stream?.destroyed === true) return Promise.resolve()
    if (!asker.isStranger) guests.hear(request, asker.caller.user.name)
    const gone = new AbortController()
    const entry = { gone, asker, isEndless: false }
    const onEndless = () => {
      entry.isEndless = true
      if (isStopping) gone.abort(stopping())
    }
    const served = serve({ request, response, asker, gone, connection, onEndless })
    open.set(served, entry)
    return served.finally(() => open.delete(served))
  }
  server.on(
    'secureConnection',
    contained(meetSocket, (socket) => socket.destroy()),
  )
  server.on(
    'session',
    contained(meetSession, (session) => session.destroy()),
  )
  server.on(
    'request',
    contained((request: Http2ServerRequest, response: Http2ServerResponse) => meetRequest(request, response), hangUp),
  )
  server.on(
    'upgrade',
    contained(
      (request: IncomingMessage, socket: TLSSocket, head: Buffer) => {
        const { asked, response } = asRequest(request, socket, head)
        meetRequest(asked, response, socket)
      },
      (_request, socket) => socket.destroy(),
    ),
  )

  /** What was opened with rights that have ended, watches above all, ends with them. */
  const endRefused = (isConcerned: (asker: Asker) => boolean): void => {
    for (const { gone, asker } of open.values()) {
      const refusal = isConcerned(asker) ? asker.refusalNow() : undefined
      if (refusal !== undefined) gone.abort(new Error(refusal))
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
      const bound = await listen(server, { address, port }).catch((error: unknown) => {
        failed(error)
        throw error
      })
      opened(bound)
      const letBe = endVanished({ sockets, port: bound })
      const unsubscribe = nodeKeys?.onEnded((node) => endRefused((asker) => asker.node === node))
      const sweep = setInterval(() => endRefused(() => true), sweepMs)
      try {
        await new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => resolve(), { once: true })
          server.once('error', reject)
          if (signal.aborted) resolve()
        })
      } finally {
        clearInterval(sweep)
        letBe()
        unsubscribe?.()
        isStopping = true
        await close({ server, sessions, sockets, open })
      }
    },
  }
}

type Met = {
  readonly request: Http2ServerRequest
  readonly response: Http2ServerResponse
  readonly connection: TLSSocket | undefined
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

/** The whole of it: a renewed certificate replaces the context, and with it what may be spoken. */
const secureOptions = ({ cert, key, ca }: TlsFiles) => ({
  ...{ cert, key, ca },
  ...strongTls,
  // A handshake costs us more than whoever asks for it: one a connection.
  secureOptions: tlsConstants.SSL_OP_NO_RENEGOTIATION,
})
