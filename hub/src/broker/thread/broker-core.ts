import { Aedes, type Client as AedesClient, type ConnectPacket, type PublishPacket, type Subscription } from 'aedes'
import { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { mayPublish, mayRetain, maySubscribe } from '@bramble/shared/mqtt/topic-acl.ts'
import { availability } from '@bramble/shared/mqtt/topics/availability.ts'
import { controlDown } from '@bramble/shared/mqtt/topics/control-down.ts'
import { controlUp } from '@bramble/shared/mqtt/topics/control-up.ts'
import { joinAnswer } from '@bramble/shared/mqtt/topics/join-answer.ts'
import { joinQuestion } from '@bramble/shared/mqtt/topics/join-question.ts'
import { createPlaces } from '@bramble/shared/limits/places.ts'
import { shownText } from '@bramble/shared/text/shown-text.ts'
import { keepStrangersFew } from '@bramble/shared/limits/strangers.ts'
import { createArrivals } from './arrivals.ts'
import { createAvailabilities } from './availabilities.ts'
import { bytesToKeep } from './bytes-to-keep.ts'
import type { BrokerEvent, BrokerOptions, BrokerOrder, NodeProof } from '../broker-messages.ts'
import { isAvailability, judgeConnect } from './connect-rules.ts'
import { type ClientIdentity, type Connection, connectionOf, dealtWith, tookFrame } from './connection.ts'
import { keepFramesAside, writeFrame } from './frames-aside.ts'
import { isWhole } from '../packed.ts'
import { endSilent, maxKeepaliveSeconds, takeKeepalive } from './keepalive.ts'
import { lookForNothingRetained } from './no-retained.ts'
import { readGate } from './read-gate.ts'
import { limitPacketSize, limitSmallTalk } from './packet-limit.ts'
import { sessionTopics } from './session-topics.ts'
import { secureOptions } from './tls-options.ts'

/** What the broker thread does with an order, and how it ends. */
export type BrokerCore = { order(order: BrokerOrder): void; close(): Promise<void> }

/** A refusal with the code of its CONNACK [MQTT-3.2.2.3]. */
type Refusal = Error & { readonly returnCode: 2 | 3 | 5 }

// What may wait in a socket before the client counts as frozen; the gateway's credit keeps ordinary clients far below it.
const maxSocketBytes = 2 * 1024 * 1024
const maxPacketBytes = 256 * 1024
// What may be held of somebody before it is known who it is: a CONNECT of ours has 200 bytes.
const maxStrangerBytes = 4 * 1024
// A join question of 16 KB and its topic.
const maxJoiningBytes = 17 * 1024
// A fleet of ten thousand and some, and the strangers, who have places of their own.
const maxConnections = 12_288
// A node subscribes once, and tells its availability once; a few more do no harm. Each subscription stays in the broker's memory.
const maxRequests = 64
// `$bramble/v1/n/<253>/d/<session>` and some.
const maxTopicLength = 384
const maxStrangers = { ofOne: 256, inAll: 1024 }
// Who has no certificate holds one of few places for a short time: a question is answered within a second or two.
const maxJoining = { ofOne: 128, inAll: 256 }
const joinMs = 30_000
const afterAnswerMs = 5000
// The gateway answers at once, but for the first connection of an old node: that is one write.
const admitMs = 8000

/**
 * The MQTT broker itself: aedes behind TLS, identity by client certificate, rights by `shared/src/mqtt/topics`. It knows nothing of the API:
 * frames go to `emit` and come back as orders. It runs in a worker thread, because a fault in it must not take the apiserver along.
 */
export async function startBrokerCore(
  { host, port, tls, firstConnection = 1 }: BrokerOptions,
  emit: (event: BrokerEvent) => void,
): Promise<BrokerCore> {
  const byClient = new Map<AedesClient, Connection>()
  const byId = new Map<number, Connection>()
  const refused = new Map<AedesClient, Refusal>()
  const sockets = new Set<Socket>()
  const joining = createPlaces(maxJoining)
  const arrivals = createArrivals()
  let ca = new X509Certificate(tls.ca)
  let nextId = firstConnection

  const refuse = (client: AedesClient | null, what: string, topic?: string) => {
    emit({
      type: 'refused',
      clientId: shownText(client?.id ?? ''),
      address: addressOf(client),
      what,
      ...(topic !== undefined && { topic: shownText(topic) }),
    })
    return new Error(what)
  }
  const refusal = (client: AedesClient, what: string, returnCode: Refusal['returnCode'], topic?: string): Refusal =>
    Object.assign(refuse(client, what, topic), { returnCode })

  /** A refusal is told in `authenticate`, where it becomes a CONNACK. */
  const judge = (client: AedesClient, packet: ConnectPacket): ClientIdentity | Refusal => {
    const judged = judgeConnect(arrivals.shownBy(client.conn as TLSSocket), packet) // the only listener is the TLS server below
    return judged.type === 'refused' ? refusal(client, judged.why, judged.returnCode, judged.topic) : judged
  }

  const availabilities = createAvailabilities((topic) =>
    aedes.publish({ cmd: 'publish', topic, payload: '', qos: 1, retain: true, dup: false }, () => {}),
  )
  const aedes = await Aedes.createBroker({
    // Unlimited on purpose: with any limit, dropping a QoS 1 subscriber under load recurses until the stack is gone.
    concurrency: 0,
    connectTimeout: 10_000,
    // Who takes nothing and says nothing is noticed by its keepalive; who takes nothing and says much, by what it does not acknowledge.
    drainTimeout: 60_000,
    keepaliveLimit: maxKeepaliveSeconds,
    maxInflightInbound: 16,
    maxClientsIdLength: 23,
    maxTopicLevels: 16,
    preConnect(client, packet, done) {
      const socket = client.conn as TLSSocket // the only listener is the TLS server below
      const identity = judge(client, packet)
      if (identity instanceof Error) {
        // aedes answers 1 to the versions it does not know.
        if (packet.protocolVersion === 3) Object.assign(packet, { protocolVersion: 0 })
        refused.set(client, identity)
        socket.once('close', () => refused.delete(client))
        return done(null, true)
      }
      const asked = { availability: packet.will?.topic, keepaliveSeconds: takeKeepalive(packet) }
      const connection = connectionOf({ id: nextId++, identity, client, gate: readGate(socket), ...asked })
      byClient.set(client, connection)
      byId.set(connection.id, connection)
      const overdue = identity.type === 'joining' ? setTimeout(() => socket.destroy(), joinMs) : undefined
      const joiner = { of: socket.remoteAddress ?? '', end: () => socket.destroy() }
      if (identity.type === 'joining') {
        strangers.isKnown(socket)
        joining.enter(joiner)
      }
      socket.once('close', () => {
        clearTimeout(overdue)
        byClient.delete(client)
        byId.delete(connection.id)
        clearTimeout(connection.ahead)
        joining.leave(joiner)
        connection.admit?.('the client went away')
        if (connection.topics !== undefined) emit({ type: 'disconnected', connection: connection.id, why: connection.why })
      })
      done(null, true)
    },
    authenticate(client, _user, _password, done) {
      const connection = byClient.get(client)
      if (connection === undefined)
        return done((refused.get(client) ?? refusal(client, 'the client went away', 3)) as Parameters<typeof done>[0], false)
      const { id, identity } = connection
      if (identity.type === 'joining') return done(null, true)
      const late = setTimeout(() => connection.admit?.('the hub is too busy to let it in'), admitMs)
      connection.admit = (why) => {
        clearTimeout(late)
        connection.admit = undefined
        if (why !== undefined) return done(refusal(client, why, 5) as Parameters<typeof done>[0], false)
        arrivals.isIn(client.conn as TLSSocket)
        done(null, true)
      }
      emit({ type: 'connecting', connection: id, address: addressOf(client), ...proofOf(identity) })
    },
    authorizeSubscribe(client, subscription, done) {
      const connection = byClient.get(client)
      if (subscription.topic.length > maxTopicLength)
        return done(refuse(client, 'a topic that is too long', subscription.topic.slice(0, maxTopicLength)))
      if (connection !== undefined && ++connection.requests > maxRequests) return done(refuse(client, 'too many subscriptions'))
      if (connection === undefined || !maySubscribe(connection.identity, subscription.topic))
        return done(refuse(client, 'subscription refused', subscription.topic))
      done(null, subscription)
    },
    authorizePublish(client, packet, done) {
      if (client === null) return done()
      const connection = byClient.get(client)
      // A will is checked after its client has gone, and was checked before it came.
      if (connection === undefined) return done(availabilities.mayWill(packet.topic) ? null : new Error('the client is gone'))
      // Its own, which it was allowed to name when it subscribed.
      if (packet.topic === connection.topics?.up && !packet.retain) {
        const payload = ownBytes(packet)
        tookFrame(connection, payload.length)
        emit({ type: 'frame', connection: connection.id, payload })
        return done()
      }
      if (!mayPublish(connection.identity, packet.topic) || (packet.retain && !mayRetain(packet.topic)))
        return done(refuse(client, 'publish refused', packet.topic))
      if (availability.match(packet.topic) !== undefined) {
        if ((connection.availability ??= packet.topic) !== packet.topic)
          return done(refuse(client, 'a second availability topic', packet.topic))
        if (!isAvailability(packet.payload)) return done(refuse(client, 'availability is online or offline', packet.topic))
        if (++connection.requests > maxRequests) return done(refuse(client, 'availability again and again', packet.topic))
        availabilities.claim(packet.topic)
        return done()
      }
      if (controlUp.match(packet.topic) !== undefined)
        return done(refuse(client, 'a frame before its session was subscribed', packet.topic))
      const join = joinQuestion.match(packet.topic)?.['id']
      if (join !== undefined) {
        // One question a connection: who asks again pays for a new handshake.
        if (connection.hasAsked) return done(refuse(client, 'a second join question', packet.topic))
        connection.hasAsked = true
        emit({ type: 'join', connection: connection.id, address: addressOf(client), payload: ownBytes(packet) })
      }
      done()
    },
  })
  lookForNothingRetained(aedes)
  keepFramesAside(aedes, (client, topic) => client !== null && byClient.get(client as AedesClient)?.topics?.up === topic)
  aedes.on('subscribe', (subscriptions: Subscription[], client) => {
    const connection = byClient.get(client)
    const session = subscriptions.map(({ topic }) => controlDown.match(topic)?.['session']).find((found) => found !== undefined)
    if (connection?.identity.type !== 'node' || session === undefined || connection.topics !== undefined) return
    connection.topics = sessionTopics(connection.identity.name, session)
    emit({ type: 'connected', connection: connection.id, address: addressOf(client), ...proofOf(connection.identity) })
  })
  const countError = (client: AedesClient, { message }: Error) => {
    Object.assign(byClient.get(client) ?? {}, { why: message })
    emit({ type: 'client-error', clientId: shownText(client.id ?? ''), address: addressOf(client), message })
  }
  aedes.on('clientError', countError)
  aedes.on('connectionError', countError)

  const server = createServer({ ...secureOptions(tls), noDelay: true, handshakeTimeout: 10_000 }, (socket) => {
    if (arrivals.meet(socket, ca)) strangers.isKnown(socket)
    const client = aedes.handle(socket)
    limitSmallTalk(client)
    limitPacketSize(client, () => {
      const identity = byClient.get(client)?.identity
      return identity === undefined ? maxStrangerBytes : identity.type === 'joining' ? maxJoiningBytes : maxPacketBytes
    })
  })
  server.maxConnections = maxConnections
  const strangers = keepStrangersFew(server, maxStrangers)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const letBe = endSilent(byId)
  server.on('tlsClientError', (error, socket) =>
    emit({ type: 'client-error', clientId: '', address: socket.remoteAddress ?? '', message: error.message }),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = server.address()
  emit({ type: 'listening', port: typeof bound === 'object' && bound !== null ? bound.port : port })

  const send = (connection: Connection, payload: Uint8Array) => {
    const { client } = connection
    if ((client.conn as TLSSocket).writableLength <= maxSocketBytes)
      return writeFrame(connection, bytesToKeep(payload, client.conn as TLSSocket))
    refuse(client, 'the client does not read')
    client.conn.destroy()
  }
  const answer = ({ client, identity }: Connection, payload: string) => {
    if (identity.type !== 'joining') return
    const topic = joinAnswer.with({ id: identity.id })
    client.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false }, () => {})
  }

  return {
    order(order) {
      if (order.type === 'publish') {
        aedes.publish({ cmd: 'publish', topic: order.topic, payload: order.payload, qos: 1, retain: order.retain, dup: false }, () => {})
        return
      }
      if (order.type === 'certificate') {
        ca = new X509Certificate(order.tls.ca)
        return server.setSecureContext(secureOptions(order.tls))
      }
      const connection = byId.get(order.connection)
      if (connection === undefined) return
      switch (order.type) {
        case 'send':
          return send(connection, order.payload)
        case 'answer':
          answer(connection, order.payload)
          // Whoever has an answer has no business here any more; the place is for the next.
          setTimeout(() => connection.client.close(), afterAnswerMs).unref()
          return
        case 'read':
          return dealtWith(connection, order.bytes, order.asked)
        case 'close':
          connection.client.close()
          return
        case 'admit':
          connection.admit?.(order.refusal)
          return
        default:
          return order satisfies never
      }
    },
    async close() {
      letBe()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const proofOf = ({ node, key, notAfter }: NodeProof): NodeProof => ({ node, key, notAfter })

/** A copy with a buffer of its own: cheap to hand to another thread, and it does not keep the socket's whole read buffer alive. */
const ownBytes = ({ payload }: PublishPacket): Uint8Array =>
  typeof payload !== 'string' && isWhole(payload) ? payload : new Uint8Array(typeof payload === 'string' ? Buffer.from(payload) : payload)

const addressOf = (client: AedesClient | null): string => (client?.conn as TLSSocket | undefined)?.remoteAddress ?? ''
