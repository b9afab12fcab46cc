import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Handler } from '@bramble/shared/api/api-request.ts'
import { every } from '@bramble/shared/async/every.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { createCountedLog } from '@bramble/shared/logging/counted-log.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { spentBuffers } from '@bramble/shared/process/spent-buffers.ts'
import { windowRoomBytes } from '@bramble/shared/frames/limits.ts'
import { createWindowRoom } from '@bramble/shared/streams/window-room.ts'
import { isAbort, runAll, type Service } from '@bramble/shared/process/service.ts'
import type { OpenNodeStream } from '@bramble/shared/streams/node-stream.ts'
import type { BrokerEvent } from './broker-messages.ts'
import type { Broker } from './broker.ts'
import { createJoinDesk, type Enroll } from './joining/join-desk.ts'
import { createDoor, type NodeTrust } from './joining/node-trust.ts'
import { createPresence } from './presence.ts'
import { type Renew, renewSlowly } from './joining/renewals.ts'
import { createSessionTable } from './session-table.ts'
import { type Bodies, unlimitedBodies } from './session/bodies.ts'
import { type HistoryFor, noHistory } from './session/history.ts'
import { createReplayWindow } from './session/replay-window.ts'
import { createSession } from './session/session.ts'

export type GatewayDeps = {
  readonly trust?: NodeTrust
  readonly broker: Broker
  readonly handler: Handler
  /** Memory for bodies, by identity: shared with the other door. */
  readonly bodies?: Bodies
  /** Without it nodes tell a restored hub by its revision alone. */
  readonly historyFor?: HistoryFor
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

export type GatewayStats = {
  readonly sessions: number
  readonly watches: number
  readonly streams: number
  /** Frames of types that only a later version knows, since the start. */
  readonly ignoredFrames: number
}

const sweepMs = 5000

/** MQTT frames ⇄ API: one session a connected node, each with its own credit, so that a node that does not read delays nobody but itself. */
export function createGateway(deps: GatewayDeps): Gateway {
  const { broker, clock, log, trust, fleet } = deps
  const refusals = new Map<string, number>()
  const count = (reason: string) => refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
  // Who knocks again and again is told of once a minute, however many they are.
  const counted = createCountedLog({ log, clock })
  const onBytes = spentBuffers()
  let ignoredFrames = 0

  const door = createDoor({ trust, clock, log })
  const desk = createJoinDesk({ enroll: deps.enroll, clock, log })
  const presence = createPresence(deps)
  const replays = createReplayWindow(clock)
  const windowRoom = createWindowRoom(windowRoomBytes.ofHub)
  const renew = renewSlowly(deps.renew, clock)
  const { handler, bodies = unlimitedBodies, historyFor = noHistory } = deps
  const table = createSessionTable({
    ...{ broker, presence, count, fleet, clock, log, refusalOf: door.refusalOf },
    open: ({ node, key }, hooks) =>
      createSession({
        ...{ node, handler, bodies, historyFor, windowRoom, replays, clock, log, onBytes },
        ...hooks,
        renew: (request) => renew({ ...request, key }),
        onIgnored(type) {
          ignoredFrames += 1
          counted.warn(`frame ${node}`, { node, type }, 'frame of an unknown type ignored: the agent is newer than the hub')
        },
      }),
  })

  const on = (event: BrokerEvent | { readonly type: 'lost' }): void => {
    try {
      take(event)
    } catch (error) {
      log.error({ error, event: event.type }, 'an event of the broker could not be dealt with')
      if ('connection' in event) table.fail(event.connection, error)
    }
  }

  const take = (event: BrokerEvent | { readonly type: 'lost' }): void => {
    switch (event.type) {
      case 'connecting':
        return void door
          .admit(event)
          .then((refusal) => broker.order({ type: 'admit', connection: event.connection, ...(refusal !== undefined && { refusal }) }))
      case 'connected':
        return table.connect(event.connection, event.address, event)
      case 'frame':
        return table.receive(event.connection, event.payload)
      case 'disconnected':
        return table.disconnected(event.connection, event.why)
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
        return table.allLost()
      case 'listening':
        return
      default:
        return event satisfies never
    }
  }
  broker.onEvent(on)
  const unsubscribe = trust?.onEnded(table.nodeEnded)

  const sweeper: Service = {
    name: 'sweeper',
    async run(signal) {
      for await (const _ of every(sweepMs, signal)) table.sweep()
    },
  }

  return {
    refusals,
    connectedNodes: table.nodes,
    endNode: table.endNode,
    get stats() {
      const sessions = table.all()
      const sum = (of: 'watches' | 'streams') => sessions.reduce((total, session) => total + session[of], 0)
      return { sessions: sessions.length, watches: sum('watches'), streams: sum('streams'), ignoredFrames }
    },
    openNodeStream(node, request, signal) {
      const session = table.of(node)
      if (session === undefined) throw new ApiError('ServiceUnavailable', `node ${node} is not connected`)
      return session.openStream(request, signal)
    },
    service: {
      name: 'gateway',
      async run(signal) {
        signal.addEventListener('abort', table.stopping, { once: true })
        try {
          await runAll([presence.service, sweeper], signal)
        } catch (error) {
          if (!isAbort(error, signal)) throw error
        } finally {
          unsubscribe?.()
          table.close()
        }
      },
    },
  }
}
