import { randomBytes, X509Certificate } from 'node:crypto'
import { MqttClient } from 'mqtt'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { createCountedLog } from '@bramble/shared/logging/counted-log.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { createRestClient } from '@bramble/shared/api/rest-client.ts'
import { spentBuffers } from '@bramble/shared/process/spent-buffers.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { StreamServers } from '@bramble/shared/streams/node-stream.ts'
import { availability } from '@bramble/shared/mqtt/topics/availability.ts'
import { controlDown } from '@bramble/shared/mqtt/topics/control-down.ts'
import { controlUp } from '@bramble/shared/mqtt/topics/control-up.ts'
import { lifeOf } from '@bramble/shared/identity/certificate-life.ts'
import { type Credentials, type CredentialStore } from './identity/credentials.ts'
import type { HubTime } from './hub-time.ts'
import { openHubSocket, parseHubUrl } from './hub-socket.ts'
import { createNodeSession, type NodeSession } from './node-session.ts'
import { patientTimer } from './patient-timer.ts'
import { createRenewal } from './identity/renewal.ts'
import type { Acquaintance } from './sync/meet-hub.ts'
import { createMqttTransport } from './transport.ts'
import { topicBytes, writeMessage } from '@bramble/shared/mqtt/write-message.ts'

export type LinkDeps = {
  /** `mqtts://host:port` */
  readonly hubUrl: string
  readonly credentials: CredentialStore
  /** What is known of the time besides this node's own clock. */
  readonly hubTime: HubTime
  /** What is known of the hub itself. */
  readonly acquaintance?: Acquaintance
  /** Joins anew with the token that this start was given and has not used: asked when the hub refuses the credentials of an earlier life. */
  readonly rejoin?: (signal: AbortSignal) => Promise<Credentials>
  /** The cluster's name in the public topics; as on the hub. */
  readonly fleet?: string
  readonly agentVersion: string
  readonly bootId: string
  /** The streams that the hub may open, by their kind. */
  readonly servers: StreamServers
  /** 12 s: with MQTT's rule of one and a half, a cut cable is noticed in 18 s. Boards on a battery take more. */
  readonly keepaliveSeconds?: number
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
  /** Reads what the hub sends; `JSON.parse` unless somebody has use for a part of it only. */
  readonly parse?: (text: string) => unknown
}

export type Link = {
  /** Calls wait for a connection until their deadline; watches until their signal. */
  readonly client: Client
  readonly service: Service
  isConnected(): boolean
  /** Resolves when there is a connection; rejects with the signal's reason. */
  connected(signal: AbortSignal): Promise<void>
  /** Called at each connect, after the hub's welcome. Returns the unsubscriber. */
  onConnected(listener: () => void): () => void
  /** Frames of types that only a later version knows, since the start. */
  readonly ignoredFrames: number
}

const welcomeMs = 10_000
const lastingMs = 10_000
// Of what the hub says so soon after a word of the node's, each knows that the other is there, as after a ping and its answer.
const answeredMs = 1000

/** The node's one connection: keeps it up, and is the `Client` of everything in the agent. */
export function createLink(deps: LinkDeps): Link {
  const { credentials, hubTime, acquaintance, clock, log, fleet = 'home' } = deps
  const address = parseHubUrl(deps.hubUrl)
  const listeners = new Set<() => void>()
  const waiting = new Set<(session: NodeSession) => void>()
  const counted = createCountedLog({ log, clock })
  let current: NodeSession | undefined
  let told = ''
  const onBytes = spentBuffers()
  let ignoredFrames = 0

  const session = (signal: AbortSignal): Promise<NodeSession> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (current !== undefined) return resolve(current)
      const onSession = (next: NodeSession) => {
        waiting.delete(onSession)
        signal.removeEventListener('abort', onAbort)
        resolve(next)
      }
      const onAbort = () => {
        waiting.delete(onSession)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.add(onSession)
    })

  /** One connection from its first byte to its last. Throws why it ended, unless we ended it. */
  const connectOnce = async (own: Credentials, signal: AbortSignal, onWelcome: () => void) => {
    const { node } = own
    const { to } = lifeOf(new X509Certificate(own.certificate))
    if (hubTime.isOver(to))
      throw new Refused(
        `the certificate of node ${node} expired at ${new Date(to).toISOString()} by this machine's clock: set the clock, or join again with a new token`,
      )
    const socket = await openHubSocket({ address, ca: own.ca, own, clock, isOver: hubTime.isOver, signal })
    const sid = randomBytes(5).toString('hex')
    const topics = {
      up: controlUp.with({ node, session: sid }),
      down: controlDown.with({ node, session: sid }),
      availability: availability.with({ fleet, node }),
    }
    const mqtt = new MqttClient(() => socket, {
      protocolVersion: 4,
      clientId: `node:${node}`,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: 10_000,
      // A little longer than a Lease lasts until it is renewed, whose answer puts the ping off (`mqtt` itself does so for no frame).
      keepalive: deps.keepaliveSeconds ?? 12,
      timerVariant: patientTimer,
      queueQoSZero: false,
      resubscribe: false,
      // Its cache of 65536 packet ids is megabytes.
      writeCache: false,
      will: { topic: topics.availability, payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    let finish: (reason: string) => void = () => {}
    const over = new Promise<string>((resolve) => (finish = resolve))
    // A broker that does not like a certificate says nothing in MQTT 3.1.1: it hangs up.
    let why = `the hub hung up without a word: perhaps it does not accept the certificate of node ${node}; its log says why`
    let isRefused = false
    mqtt.on('error', (error) => {
      isRefused = isRefusal(error)
      why = isRefused ? howToComeBack(node) : messageOf(error)
    })
    mqtt.on('close', () => finish(why))
    const fail = (reason: string) => {
      why = reason
      mqtt.end(true)
      finish(reason)
    }
    const onAbort = () => finish('stopping')
    signal.addEventListener('abort', onAbort, { once: true })
    const welcomeTimer = setTimeout(() => fail(`no welcome from the hub within ${welcomeMs} ms`), welcomeMs)

    const upTopic = topicBytes(topics.up)
    let spokeAt = -Infinity
    const nodeSession = createNodeSession({
      send(frame) {
        spokeAt = clock.monotonic()
        // Past `mqtt`, whose own way of writing costs more than all the rest of a frame.
        if (socket.writable) writeMessage(socket, upTopic, frame)
      },
      servers: deps.servers,
      onBytes,
      clock,
      log,
      onIgnored: (type) => {
        ignoredFrames += 1
        counted.warn(type, { type }, 'frame of an unknown type ignored: the hub is newer than the agent')
      },
      onBye: (reason) => fail(reason),
      onWelcome: (welcome) => {
        clearTimeout(welcomeTimer)
        hubTime.heard(welcome.hubTime)
        acquaintance?.meet(welcome)
        mqtt.publish(topics.availability, 'online', { qos: 1, retain: true })
        onWelcome()
        current = nodeSession
        for (const resolve of [...waiting]) resolve(nodeSession)
        for (const listener of listeners) listener()
      },
    })
    mqtt.on('message', (_topic, payload) => {
      if (clock.monotonic() - spokeAt < answeredMs) mqtt.reschedulePing()
      try {
        nodeSession.receive(payload)
      } catch (error) {
        log.error({ error: messageOf(error) }, 'frame of the hub refused')
        fail(messageOf(error))
      }
    })
    mqtt.on('connect', () => {
      why = 'the hub closed the connection'
      mqtt.subscribe(topics.down, { qos: 0 }, (error) => {
        if (error) return fail(messageOf(error))
        const lives = acquaintance?.lives()
        nodeSession.hello({
          ...(lives !== undefined && { lives }),
          v: 1,
          node,
          agent: deps.agentVersion,
          boot: deps.bootId,
          mono: Math.trunc(clock.monotonic()),
          clock: Math.max(0, Math.trunc(clock.now())),
        })
      })
    })

    const reason = await over
    clearTimeout(welcomeTimer)
    signal.removeEventListener('abort', onAbort)
    if (signal.aborted && mqtt.connected) {
      // A goodbye says what the last will would: publish it ourselves, because a clean disconnect suppresses the will.
      mqtt.publish(topics.availability, 'offline', { qos: 1, retain: true })
      nodeSession.bye('the agent is stopping')
      await Promise.race([mqtt.endAsync(), sleep(1000)])
    }
    current = undefined
    nodeSession.close(reason)
    mqtt.end(true)
    socket.destroy()
    if (!signal.aborted) throw isRefused ? new Refused(reason) : new Error(reason)
  }

  const renewal = createRenewal({ credentials, hubTime, current: () => current, session, log })

  let { rejoin } = deps
  /** True when there are new credentials. A token that the hub does not take is not shown again. */
  const joinAgain = async (signal: AbortSignal): Promise<boolean> => {
    if (rejoin === undefined) return false
    try {
      credentials.replace(await rejoin(signal))
      rejoin = undefined
      log.info({}, 'joined again')
      return true
    } catch (error) {
      if (signal.aborted) return false
      log.warn({ error: messageOf(error) }, 'not joined again')
      if (!isApiError(error, 'Conflict') && !isApiError(error, 'AlreadyExists')) rejoin = undefined
      return false
    }
  }

  const keepConnected = async (signal: AbortSignal) => {
    const backoff = createBackoff({ firstMs: 500, maxMs: 60_000, ...(deps.random && { random: deps.random }) })
    while (!signal.aborted) {
      const own = credentials.current()
      if (own === undefined) throw new Error('this node has not joined: start the agent with a token')
      using renewed = linkSignals(signal)
      const stopRenewal = renewal.watch(own, { onRenewed: () => renewed.abort(new Error('certificate renewed')), signal })
      let wasWelcome = false
      const since = clock.monotonic()
      try {
        await connectOnce(own, renewed.signal, () => {
          wasWelcome = true
          if (told !== '') log.info({}, 'hub connected again')
          told = ''
          warnOfClock()
        })
      } catch (error) {
        if (signal.aborted) return
        const text = messageOf(error)
        if (text !== told) log.warn({ hub: deps.hubUrl, error: text }, wasWelcome ? 'hub lost' : 'hub not reached')
        told = text
        if (error instanceof Refused && (await joinAgain(signal))) continue
      } finally {
        stopRenewal()
      }
      // Two boards with one name take it from each other; connections that do not last must not make them do it faster.
      if (wasWelcome && clock.monotonic() - since > lastingMs) backoff.reset()
      if (!renewed.signal.aborted) await sleep(backoff.next(), signal).catch(() => {})
    }
  }

  const warnOfClock = () => {
    const skewMs = clock.now() - (hubTime.now() ?? 0)
    if (Math.abs(skewMs) > 60_000) log.warn({ skewMs: Math.round(skewMs) }, 'the clocks of this node and of the hub differ')
  }

  return {
    client: createRestClient(createMqttTransport({ session, clock, ...(deps.parse && { parse: deps.parse }) })),
    service: { name: 'link', run: keepConnected },
    isConnected: () => current !== undefined,
    connected: async (signal) => void (await session(signal)),
    onConnected(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get ignoredFrames() {
      return ignoredFrames
    },
  }
}

/** Our credentials are no good any more: only a new token helps. */
class Refused extends Error {}

/** A CONNACK has no words [MQTT-3.2.2.3]; the hub's log has the exact ones. */
const isRefusal = (error: Error): boolean => 'code' in error && error.code === 5

const howToComeBack = (node: string): string =>
  `the hub refuses the certificate of node ${node}: its Node was deleted, the name has joined with another key, or a clock is wrong (the log of the hub says which). To come back, join with a new token: \`bramble token create\` on the hub, then start the agent here with --token-file`
