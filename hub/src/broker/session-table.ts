import type { Clock } from '@bramble/shared/clock.ts'
import { FrameError } from '@bramble/shared/frames/frame.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { availability } from '@bramble/shared/mqtt/topics/availability.ts'
import type { NodeProof } from './broker-messages.ts'
import type { Broker } from './broker.ts'
import type { Presence } from './presence.ts'
import type { Session, SessionDeps } from './session/session.ts'

// A node that comes straight back (a second connection, a reset) is not worth a NotReady.
const lostGraceMs = 1000
// When our own broker thread died, the nodes are well; they need a moment to come back.
const brokerGraceMs = 15_000
const helloMs = 10_000
const maxSilentMs = 60_000

export type SessionHooks = Pick<SessionDeps, 'send' | 'onWelcome' | 'onBye' | 'onFailure'>

export type SessionTableDeps = {
  readonly broker: Broker
  readonly presence: Presence
  readonly open: (proof: NodeProof, hooks: SessionHooks) => Session
  /** Why a node is no longer served. */
  readonly refusalOf: (proof: NodeProof) => string | undefined
  readonly count: (refusal: string) => void
  readonly fleet: string
  readonly clock: Clock
  readonly log: Log
}

type Entry = { readonly session: Session; readonly since: number; readonly proof: NodeProof; goodbye: string | undefined }

/**
 * The sessions by their connections, and which of a node's is the one. Whatever goes wrong with one session ends that session and nothing
 * else, and ending one needs nothing that it could lack.
 */
export function createSessionTable({ broker, presence, open, refusalOf, count, fleet, clock, log }: SessionTableDeps) {
  const sessions = new Map<number, Entry>()
  /** Of those who were welcomed the latest. */
  const connections = new Map<string, number>()
  /** All of a node, welcomed or not: whose Node has changed is looked up among thousands. */
  const ofNode = new Map<string, Set<number>>()
  const timers = new Map<string, NodeJS.Timeout>()
  const unsure = new Set<string>()
  let stopping = false

  const connect = (connection: number, address: string, proof: NodeProof): void => {
    const { node } = proof
    const session = open(proof, {
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
    ofNode.set(node, (ofNode.get(node) ?? new Set()).add(connection))
    // It may have been deleted since it was let in.
    endIfRefused(connection)
  }

  const receive = (connection: number, payload: Uint8Array): void => {
    const entry = sessions.get(connection)
    if (entry === undefined) return
    let asked: number
    try {
      asked = entry.session.receive(payload)
    } catch (error) {
      return fail(connection, error)
    }
    broker.order({ type: 'read', connection, bytes: payload.length, asked })
  }

  const fail = (connection: number, error: unknown): void => {
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
  const end = (connection: number, reason: string): void => {
    lose(connection, { graceMs: lostGraceMs, why: reason, reason })
    broker.order({ type: 'close', connection })
  }

  /** `reason`: what it is told, if it can be told anything. */
  const lose = (connection: number, { graceMs, why, reason }: { graceMs: number; why: string | undefined; reason?: string }): void => {
    const entry = sessions.get(connection)
    if (entry === undefined) return
    // First, so that nothing that happens while it is being closed can begin its end again.
    sessions.delete(connection)
    const { session, goodbye, proof } = entry
    const others = ofNode.get(proof.node)
    others?.delete(connection)
    if (others?.size === 0) ofNode.delete(proof.node)
    session.close(reason)
    if (connections.get(session.node) !== connection) return
    connections.delete(session.node)
    log.info(
      { node: session.node, ...(goodbye === undefined ? { why } : { goodbye }) },
      goodbye === undefined ? 'node lost' : 'node said goodbye',
    )
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

  return {
    connect,
    receive,
    fail,
    disconnected: (connection: number, why = 'its connection was closed'): void => lose(connection, { graceMs: lostGraceMs, why }),
    /** The broker thread died, and all connections with it. */
    allLost(): void {
      for (const connection of [...sessions.keys()]) lose(connection, { graceMs: brokerGraceMs, why: 'the broker thread ended' })
    },
    /** A node was deleted, or its key has changed. */
    nodeEnded(node: string): void {
      for (const connection of [...(ofNode.get(node) ?? [])]) endIfRefused(connection)
    },
    endNode(node: string, reason: string): void {
      for (const connection of [...(ofNode.get(node) ?? [])]) {
        count('ended')
        log.info({ node, reason }, 'session of a node ended')
        end(connection, reason)
      }
    },
    sweep(): void {
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
    },
    /** The session of a node that was welcomed. */
    of(node: string): Session | undefined {
      const connection = connections.get(node)
      return connection === undefined ? undefined : sessions.get(connection)?.session
    },
    nodes: (): readonly string[] => [...connections.keys()].sort(),
    all: (): readonly Session[] => [...sessions.values()].map(({ session }) => session),
    /** From now on a node that is lost is not marked: the hub is what goes away. */
    stopping(): void {
      stopping = true
    },
    close(): void {
      for (const timer of timers.values()) clearTimeout(timer)
      for (const { session } of sessions.values()) session.close('the hub is stopping')
      sessions.clear()
      ofNode.clear()
      connections.clear()
    },
  }
}
