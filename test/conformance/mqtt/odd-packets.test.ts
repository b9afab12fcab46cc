import { connect } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { createTestCa } from './certificates.ts'
import { startHub, startNode } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const ca = createTestCa()
const certificate = ca.issue('/O=system:nodes/CN=system:node:evil')
const opened: { stop(): unknown }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

const bytes = (...values: number[]) => Buffer.from(values)
const text = (value: string | Buffer) => {
  const data = Buffer.from(value as string) // a Buffer is copied
  return Buffer.concat([bytes(data.length >> 8, data.length & 255), data])
}
/** A packet of that first byte, with its length as MQTT writes it. */
function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = body.length; length.length === 0 || rest > 0; rest >>= 7) length.push((rest & 127) | (rest > 127 ? 128 : 0))
  return Buffer.concat([bytes(first, ...length), body])
}
const hello = (id: string, { version = 4, flags = 2, keepalive = 60, more = bytes() } = {}) =>
  packet(0x10, text('MQTT'), bytes(version, flags, keepalive >> 8, keepalive & 255), text(id), more)
const node = hello('node:evil')
const id = bytes(0, 1)
const down = text('$bramble/v1/n/evil/d/raw1')
const publicTopic = text('bramble/home/node/evil/availability')
const many = (count: number, make: (index: number) => Buffer) => Buffer.concat(Array.from({ length: count }, (_, index) => make(index)))

// What no agent of ours says, each on a connection of its own.
const odd: readonly (readonly [string, Buffer])[] = [
  ['MQTT 5 with the longest properties', hello('node:evil', { version: 5, more: bytes(0xff, 0xff, 0xff, 0x7f) })],
  ['a version that is none', hello('node:evil', { version: 132 })],
  ['a will of QoS 3', hello('node:evil', { flags: 0x1e, more: Buffer.concat([publicTopic, text('offline')]) })],
  ['no keepalive', hello('node:evil', { keepalive: 0 })],
  ['a client called __proto__', hello('__proto__')],
  ['another node once it is in', Buffer.concat([node, hello('node:pi-1')])],
  ['256 MiB announced', Buffer.concat([node, bytes(0x30, 0xff, 0xff, 0xff, 0x7f), Buffer.alloc(4096)])],
  ['a length of five bytes', Buffer.concat([node, bytes(0x30, 0xff, 0xff, 0xff, 0xff, 0x7f)])],
  ['forty halves of QoS 2', Buffer.concat([node, many(40, (at) => packet(0x35, publicTopic, bytes(0, at + 1), Buffer.from('online')))])],
  ['releases of what was never sent', Buffer.concat([node, many(1000, (at) => packet(0x62, bytes(at >> 8, at & 255)))])],
  ['receipts of what was never sent', Buffer.concat([node, many(100, (at) => packet(0x50, bytes(at >> 8, at & 255)))])],
  ['a subscription to nothing', Buffer.concat([node, packet(0x82, id)])],
  ['a subscription of QoS 3', Buffer.concat([node, packet(0x82, id, down, bytes(3))])],
  [
    'four thousand filters at once',
    Buffer.concat([
      node,
      packet(
        0x82,
        id,
        many(4000, () => Buffer.concat([down, bytes(0)])),
      ),
    ]),
  ],
  ['a shared subscription', Buffer.concat([node, packet(0x82, id, text('$share/all/#'), bytes(0))])],
  ['an end of what every object has', Buffer.concat([node, packet(0xa2, id, text('__proto__'), text('constructor'))])],
  ['a topic that is no text', Buffer.concat([node, packet(0x30, text(bytes(0xff, 0xed, 0xa0, 0x80)))])],
  ['sixty thousand levels', Buffer.concat([node, packet(0x30, text('/'.repeat(60_000)))])],
  ['packets of a server', Buffer.concat([node, packet(0x20, bytes(0, 0)), packet(0x90, id, bytes(0))])],
  ['packets that do not exist', Buffer.concat([node, packet(0xf0), packet(0)])],
  ['words after the goodbye', Buffer.concat([node, packet(0xe0), packet(0x31, publicTopic, Buffer.from('online'))])],
]

async function start() {
  const hub = await startHub(createSmallApi().handler, { ca })
  const healthy = startNode('pi-1', hub)
  opened.push(healthy, hub)
  await healthy.link.client.list(pods)
  /** Says it, with a node's certificate or without, and hangs up when the broker did or has nothing to say. */
  const say = (data: Buffer, isNode: boolean) =>
    new Promise<void>((resolve) => {
      const own = isNode ? { key: certificate.key, cert: certificate.certificate } : {}
      const socket = connect({ host: '127.0.0.1', port: hub.port, ca: ca.caPem, ...own })
      socket.on('error', () => {})
      socket.once('close', () => resolve())
      socket.once('secureConnect', () => socket.end(data))
      socket.resume()
    })
  /** The node that was there before all of this is, on the same connection, and is answered. */
  const isWell = async () => {
    expect(hub.gateway.connectedNodes()).toContain('pi-1')
    expect(healthy.link.isConnected()).toBe(true)
    expect((await healthy.link.client.list(pods)).items).toEqual([])
  }
  return { say, isWell }
}

test.each(odd)('%s, of a node and of a stranger, costs that connection alone', async (_what, data) => {
  const { say, isWell } = await start()
  await say(data, true)
  await say(data, false)
  await isWell()
})

test('packets with some bytes changed cost their connections alone', async () => {
  const { say, isWell } = await start()
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * below)
  }
  const short = odd.filter(([, data]) => data.length < 5000)
  for (let round = 0; round < 150; round++) {
    const data = Buffer.from(short[random(short.length)]?.[1] ?? node)
    for (let changes = 1 + random(6); changes > 0; changes--) data[random(data.length)] = random(256)
    await say(data, random(3) > 0)
  }
  await isWell()
})
