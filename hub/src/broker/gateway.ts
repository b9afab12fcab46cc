import { createAllowance } from '@bramble/shared/allowance.ts'
import { ApiError } from '@bramble/shared/api-error.ts'
import type { Handler } from '@bramble/shared/api-request.ts'
import { every } from '@bramble/shared/async/every.ts'
import type { Client } from '@bramble/shared/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { createCountedLog } from '@bramble/shared/counted-log.ts'
import { FrameError } from '@bramble/shared/frame.ts'
import type { Log } from '@bramble/shared/log.ts'
import type { OpenNodeStream } from '@bramble/shared/node-stream.ts'
import { isAbort, messageOf, runAll, type Service } from '@bramble/shared/service.ts'
import { availability } from '@bramble/shared/topics/availability.ts'
import type { BrokerEvent, NodeProof } from './broker-messages.ts'
import type { Broker } from './broker.ts'
import { createJoinDesk, type Enroll } from './join-desk.ts'
import { createPresence } from './presence.ts'
import { createReplayWindow } from './replay-window.ts'
import { type Bodies, createSession, type Session } from './session.ts'

export type { Enroll } from './join-desk.ts'
export type Renew = (request: { node: string; csrPem: string; key: string }) => Promise<{ certificatePem: string }>

/** Whose certificate is good for which node. Without it every certificate of the CA is. */
export type NodeTrust = {
  /** Lets a key in (the first of an old node is written down), or says why not. */
  admit(node: string, key: string): Promise<string | undefined>
  /** The same for a node that was let in before. */
  refusalOf(node: string, key: string): string | undefined
  /** Called with each node that was deleted or whose key has changed. */
  onEnded(listener: (node: string) => void): () => void
  /** Whether a certificate that ends then is over. */
  isOver(notAfter: number): boolean
}

export type GatewayDeps = {
  readonly trust?: NodeTrust
  readonly broker: Broker
  readonly handler: Handler
  /** Memory for bodies, by identity: shared with the other door. */
  readonly bodies?: Bodies
  /** Speaks as `system:bramble:gateway`; patches the Leases. */
  readonly client: Client
  readonly enroll: Enroll
  readonly renew: Renew
  /** The name of this cluster in the public topics. */
  readonly fleet: string
  readonly clock: Clock
  readonly log: Log
}

export type Gateway = {
  readonly service: Service
  readonly openNodeStream: OpenNodeStream
  connectedNodes(): readonly string[]
  /** Ends every session of a node, welcomed or not: it hears the reason, and its connections are closed. */
  endNode(node: string, reason: string): void
  /** What is open now. */
  readonly stats: GatewayStats
  /** Sessions that were ended and clients that were turned away, by reason. */
  readonly refusals: ReadonlyMap<string, number>
}

export type GatewayStats = { readonly sessions: number; readonly watches: number; readonly streams: number }

const sweepMs = 5000
// A node that comes straight back (a second connection, a reset) is not worth a NotReady.
const lostGraceMs = 1000
// When our own broker thread died, the nodes are well; they need a moment to come back.
const brokerGraceMs = 15_000
const helloMs = 10_000
const maxSilentMs = 60_000
// A certificate is renewed after half of its life, and again when the answer was lost. Each is a signature and an entry in the log.
const renewalsAnHour = 12
// For a gateway without another door: the frames themselves are bounded.
const unlimited: Bodies = { take: () => true, giveBack: () => {} }

/**
 * MQTT frames ⇄ API: one session a connected node, each with its own credit, so that a node that does not read delays nobody but
 * itself. Whatever goes wrong with one session ends that session and nothing else, and ending one needs nothing that it could lack.
 */
export function createGateway(deps: GatewayDeps): Gateway {
  const { broker, clock, log, fleet } = deps
  const sessions = new Map<
    number,
    { readonly session: Session; readonly since: number; readonly proof: NodeProof; goodbye: string | undefined }
  >()
  const connections = new Map<string, number>()
  const timers = new Map<string, NodeJS.Timeout>()
  const refusals = new Map<string, number>()
  const unsure = new Set<string>()
  const replays = createReplayWindow(clock)
  const presence = createPresence(deps)
  const renewals = createAllowance({ clock, burst: renewalsAnHour, perSecond: renewalsAnHour / 3600 })
  const renewSlowly: Renew = async (request) => {
    if (!renewals.take(request.node))
      throw new ApiError(
        'TooManyRequests',
        `node ${request.node} has had ${renewalsAnHour} certificates within the hour: try again later`,
        {
          retryAfterSeconds: 3600 / renewalsAnHour,
        },
      )
    return deps.renew(request)
  }
  const desk = createJoinDesk({ enroll: deps.enroll, clock, log })
  let stopping = false

  // Who knocks again and again is told of once a minute, however many they are.
  const counted = createCountedLog({ log, clock })
  const count = (reason: string) => refusals.set(reason, (refusals.get(reason) ?? 0) + 1)

  const { trust } = deps
  const isOver = trust?.isOver ?? ((notAfter: number) => clock.now() >= notAfter)

  /** Why a node is not, or no longer, served; undefined when it is. */
  const refusalOf = ({ node, key, notAfter }: NodeProof): string | undefined =>
    isOver(notAfter)
      ? `the certificate of node ${node} ended at ${new Date(notAfter).toISOString()} by the clock of the hub: set that right, or join again with a new token (\`bramble token create\`)`
      : trust?.refusalOf(node, key)

  const admit = async (connection: number, proof: NodeProof) => {
    let refusal: string | undefined
    try {
      refusal = refusalOf(proof) ?? (await trust?.admit(proof.node, proof.key))
    } catch (error) {
      log.warn({ node: proof.node, error: messageOf(error) }, 'a node could not be let in')
      refusal = 'the hub cannot look the node up right now'
    }
    broker.order({ type: 'admit', connection, ...(refusal !== undefined && { refusal }) })
  }

  const connect = (connection: number, address: string, proof: NodeProof) => {
    const { node, key } = proof
    const session = createSession({
      node,
      handler: deps.handler,
      bodies: deps.bodies ?? unlimited,
      renew: (request) => renewSlowly({ ...request, key }),
      replays,
      clock,
      log,
      send: (payload) => broker.order({ type: 'send', connection, payload }),
      onWelcome: () => {
        const before = connections.get(node)
        connections.set(node, connection)
        if (before !== undefined && before !== connection) end(before, 'taken over by a newer connection')
        clearTimeout(timers.get(node))
        timers.delete(node)
        presence.connected(node)
        unsure.add(node)
        log.info({ node, address }, 'node connected')
      },
      onBye: (reason) => {
        const entry = sessions.get(connection)
        if (entry !== undefined) entry.goodbye = reason
      },
      onFailure: (error) => fail(connection, error),
    })
    sessions.set(connection, { session, since: clock.monotonic(), proof, goodbye: undefined })
    // It may have been deleted since it was let in.
    endIfRefused(connection)
  }

  const receive = (connection: number, payload: Uint8Array) => {
    const entry = sessions.get(connection)
    if (entry === undefined) return
    try {
      entry.session.receive(payload)
    } catch (error) {
      return fail(connection, error)
    }
    broker.order({ type: 'read', connection, bytes: payload.length })
  }

  const fail = (connection: number, error: unknown) => {
    const entry = sessions.get(connection)
    if (entry === undefined) return // it is over already
    const refusal = error instanceof FrameError ? error.refusal : 'failed'
    count(refusal)
    log.warn({ node: entry.session.node, refusal, error: messageOf(error) }, 'session of a node refused')
    end(connection, messageOf(error))
  }

  const endIfRefused = (connection: number): void => {
    const entry = sessions.get(connection)
    const refusal = entry === undefined ? undefined : refusalOf(entry.proof)
    if (refusal === undefined) return
    count('revoked')
    log.warn({ node: entry?.proof.node, why: refusal }, 'session of a node ended')
    end(connection, refusal)
  }

  /** We end it: the node hears why, and its socket is closed. */
  const end = (connection: number, reason: string) => {
    lose(connection, lostGraceMs, reason)
    broker.order({ type: 'close', connection })
  }

  const lose = (connection: number, graceMs: number, reason?: string) => {
    const entry = sessions.get(connection)
    if (entry === undefined) return
    // First, so that nothing that happens while it is being closed can begin its end again.
    sessions.delete(connection)
    const { session, goodbye } = entry
    session.close(reason)
    if (connections.get(session.node) !== connection) return
    connections.delete(session.node)
    log.info({ node: session.node, ...(goodbye !== undefined && { goodbye }) }, goodbye === undefined ? 'node lost' : 'node said goodbye')
    if (goodbye !== undefined || stopping) return
    const at = clock.now()
    timers.set(
      session.node,
      setTimeout(() => {
        timers.delete(session.node)
        presence.lost(session.node, at)
      }, graceMs),
    )
  }

  const on = (event: BrokerEvent | { readonly type: 'lost' }): void => {
    try {
      take(event)
    } catch (error) {
      log.error({ error, event: event.type }, 'an event of the broker could not be dealt with')
      if ('connection' in event) fail(event.connection, error)
    }
  }

  const take = (event: BrokerEvent | { readonly type: 'lost' }): void => {
    switch (event.type) {
      case 'connecting':
        return void admit(event.connection, event)
      case 'connected':
        return connect(event.connection, event.address, event)
      case 'frame':
        return receive(event.connection, event.payload)
      case 'disconnected':
        return lose(event.connection, lostGraceMs)
      case 'join':
        return void desk
          .ask(event.payload, event.address)
          .then((payload) => broker.order({ type: 'answer', connection: event.connection, payload }))
      case 'refused':
        count('access')
        return counted.warn(
          `${event.address} ${event.what}`,
          { clientId: event.clientId, address: event.address, what: event.what, topic: event.topic },
          'client refused',
        )
      case 'client-error':
        count('client-error')
        return log.debug({ clientId: event.clientId, address: event.address, error: event.message }, 'client connection failed')
      case 'lost':
        for (const connection of [...sessions.keys()]) lose(connection, brokerGraceMs)
        return
      case 'listening':
        return
      default:
        return event satisfies never
    }
  }
  broker.onEvent(on)
  const unsubscribe = trust?.onEnded((node) => {
    for (const [connection, { proof }] of sessions) if (proof.node === node) endIfRefused(connection)
  })

  const sweep = () => {
    for (const [connection, { session, since, proof }] of sessions) {
      if (session.silentMs > maxSilentMs) {
        count('silent')
        log.warn({ node: session.node, ms: Math.round(session.silentMs) }, 'node does not acknowledge')
        end(connection, `nothing was acknowledged for ${maxSilentMs / 1000} s`)
      } else if (refusalOf(proof) !== undefined) endIfRefused(connection)
      else if (!session.isOpen && clock.monotonic() - since > helloMs) end(connection, 'no hello')
    }
    // The will of a connection that was taken over may be published after the new one's `online`; the session table knows better.
    for (const node of unsure)
      if (connections.has(node))
        broker.order({ type: 'publish', topic: availability.with({ fleet, node }), payload: 'online', retain: true })
    unsure.clear()
  }

  const sweeper: Service = {
    name: 'sweeper',
    async run(signal) {
      for await (const _ of every(sweepMs, signal)) sweep()
    },
  }

  return {
    refusals,
    connectedNodes: () => [...connections.keys()].sort(),
    endNode(node, reason) {
      for (const [connection, { session }] of [...sessions])
        if (session.node === node) {
          count('ended')
          log.info({ node, reason }, 'session of a node ended')
          end(connection, reason)
        }
    },
    get stats() {
      let [watches, streams] = [0, 0]
      for (const { session } of sessions.values()) {
        watches += session.watches
        streams += session.streams
      }
      return { sessions: sessions.size, watches, streams }
    },
    openNodeStream(node, request, signal) {
      const connection = connections.get(node)
      const session = connection === undefined ? undefined : sessions.get(connection)?.session
      if (session === undefined) return failing(new ApiError('ServiceUnavailable', `node ${node} is not connected`))
      return session.openStream(request, signal)
    },
    service: {
      name: 'gateway',
      async run(signal) {
        signal.addEventListener('abort', () => (stopping = true), { once: true })
        try {
          await runAll([presence.service, sweeper], signal)
        } catch (error) {
          if (!isAbort(error, signal)) throw error
        } finally {
          unsubscribe?.()
          for (const timer of timers.values()) clearTimeout(timer)
          for (const { session } of sessions.values()) session.close('the hub is stopping')
          sessions.clear()
          connections.clear()
        }
      },
    },
  }
}

// eslint-disable-next-line require-yield
async function* failing(error: ApiError): AsyncGenerator<Uint8Array> {
  throw error
}
