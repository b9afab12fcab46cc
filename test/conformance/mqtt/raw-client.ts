import { connect, type TLSSocket } from 'node:tls'
import { MqttClient } from 'mqtt'
import { frames } from '@bramble/shared/frames/frame.ts'
import type { UpMessage } from '@bramble/shared/frames/headers.ts'
import type { TestHub } from './hub-and-node.ts'

/** Where a hub's broker is, and how it is recognised. */
type At = { readonly ca: { readonly caPem: string }; readonly port: number }
type Identity = { readonly key: string; readonly certificate: string } | undefined

/** An MQTT client under a test's own control, with a node's certificate or none: for everything a healthy agent never does. */
export async function rawClient(hub: At, clientId: string, identity: Identity, options: object = {}) {
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port: hub.port,
    ca: hub.ca.caPem,
    ...(identity && { key: identity.key, cert: identity.certificate }),
  })
  const mqtt = new MqttClient(() => socket, {
    protocolVersion: 4,
    clientId,
    clean: true,
    reconnectPeriod: 0,
    keepalive: 60,
    resubscribe: false,
    writeCache: false,
    ...options,
  })
  mqtt.on('error', () => {})
  const closed = new Promise<'closed'>((resolve) => mqtt.on('close', () => resolve('closed')))
  const connected = new Promise<'connected'>((resolve) => mqtt.on('connect', () => resolve('connected')))
  const connack = new Promise<number>((resolve) =>
    mqtt.on('packetreceive', (packet) => packet.cmd === 'connack' && resolve(packet.returnCode ?? -1)),
  )
  return {
    mqtt,
    socket,
    /** The code with which the broker answered. */
    connack,
    closed,
    /** Whether the broker let it in. */
    outcome: await Promise.race([connected, closed]),
    end: () => mqtt.end(true),
  }
}

/** A node as its frames: subscribed and numbered, and otherwise as rude as the test wants. */
export const rawNode = (hub: Pick<TestHub, 'ca' | 'port'>, node: string, options: object = {}) =>
  rawNodeAs(hub, node, hub.ca.issue(`/O=system:nodes/CN=system:node:${node}`), options)

export async function rawNodeAs(hub: At, node: string, identity: Identity, options: object = {}) {
  const client = await rawClient(hub, `node:${node}`, identity, options)
  const { mqtt } = client
  const received: { readonly header: { readonly t: string; readonly [field: string]: unknown }; readonly bytes: number }[] = []
  mqtt.on('message', (_topic, payload) =>
    received.push({ header: JSON.parse(payload.toString().split('\n')[0] ?? ''), bytes: payload.length }),
  )
  await mqtt.subscribeAsync(`$bramble/v1/n/${node}/d/raw1`, { qos: 0 })
  let number = 0
  const sendRaw = (payload: string | Buffer) => mqtt.publish(`$bramble/v1/n/${node}/u/raw1`, payload, { qos: 0 })
  const say = (message: UpMessage, body?: string | Uint8Array) => {
    for (const frame of frames(message, body, () => ++number)) sendRaw(Buffer.from(frame))
  }
  return {
    ...client,
    received,
    sendRaw,
    say,
    hello: (as = node, features?: string[]) =>
      say({ t: 'hello', v: 1, node: as, agent: 'raw', boot: 'raw', mono: 0, clock: 0, ...(features && { features }) }),
  }
}
