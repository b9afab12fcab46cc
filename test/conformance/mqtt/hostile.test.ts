import { createTestCa } from './certificates.ts'
import { expect, test } from 'vitest'
import { maxFrameBytes } from '@bramble/shared/frames/limits.ts'
import { startNode, until } from './hub-and-node.ts'
import { rawClient, type rawNode } from './raw-client.ts'
import { pods, rudeNodes } from './rude-nodes.ts'

const { ca, certificate, keep, open, rude } = rudeNodes()

test.each<[string, (node: Awaited<ReturnType<typeof rawNode>>) => void, string]>([
  ['a frame that is not JSON', ({ sendRaw }) => sendRaw('what'), 'malformed'],
  ['a frame too large', ({ sendRaw }) => sendRaw(Buffer.alloc(maxFrameBytes + 1, 'x')), 'too-large'],
  ['no hello', ({ say }) => say({ t: 'ack', bytes: 0 }), 'unexpected'],
  ['a hello for another node', ({ hello }) => hello('pi-1'), 'wrong-node'],
  ['a frame sent twice', ({ hello, sendRaw }) => (hello(), sendRaw('{"t":"ping","q":2}'), sendRaw('{"t":"ping","q":2}')), 'replayed'],
  ['a hole', ({ hello, sendRaw }) => (hello(), sendRaw('{"t":"ping","q":7}')), 'gap'],
  ['credit for what was never sent', ({ hello, say }) => (hello(), say({ t: 'ack', bytes: 1e9 })), 'unexpected'],
])('%s is refused and counted, the session closed, and other nodes notice nothing', async (_what, act, refusal) => {
  const { hub } = await open()
  const healthy = keep(startNode('pi-1', hub))
  await until(() => healthy.link.isConnected(), 'the healthy node is connected')
  const evil = await rude(hub)
  act(evil)
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.refusals.get(refusal)).toBe(1)
  expect(healthy.link.isConnected()).toBe(true)
  expect((await healthy.link.client.list(pods)).items).toEqual([])
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test.each<[string, string, boolean]>([
  ["another node's frames", '$bramble/v1/n/pi-1/u/raw1', false],
  ['a join', '$bramble/v1/join/abcdef12/q', false],
  ['a topic of the public tree', 'bramble/home/hub/state', false],
  ["another node's availability", 'bramble/home/node/pi-1/availability', false],
  ['a system topic', '$SYS/x', false],
  ['a retained frame', '$bramble/v1/n/evil/u/raw1', true],
])('a node that publishes %s is disconnected', async (_what, topic, retain) => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.mqtt.publish(topic, '{}', { qos: 0, retain })
  expect(await evil.closed).toBe('closed')
  expect(hub.gateway.refusals.get('access')).toBe(1)
})

test.each(['#', '$bramble/#', '$bramble/v1/n/+/d/+', '$bramble/v1/n/pi-1/d/x', '$bramble/v1/n/evil/u/x', 'bramble/#'])(
  'a node that subscribes to %s is disconnected',
  async (filter) => {
    const { hub } = await open()
    const evil = await rude(hub)
    evil.mqtt.subscribe(filter, () => {})
    expect(await evil.closed).toBe('closed')
  },
)

test('a client without a certificate gets nothing but its own join topics', async () => {
  const { hub } = await open()
  expect((await rawClient(hub, 'node:pi-1', undefined)).outcome).toBe('closed')
  expect((await rawClient(hub, 'dashboard', undefined)).outcome).toBe('closed')
  const joining = await rawClient(hub, 'join:abcdef12', undefined)
  expect(joining.outcome).toBe('connected')
  joining.mqtt.subscribe('$bramble/v1/n/pi-1/d/x', () => {})
  expect(await joining.closed).toBe('closed')
})

test('certificates of strangers, of people and under another client id are refused', async () => {
  const { hub } = await open()
  const outcomes = await Promise.all([
    rawClient(hub, 'node:pi-1', createTestCa().issue('/O=system:nodes/CN=system:node:pi-1')),
    rawClient(hub, 'node:pi-1', ca.issue('/O=system:masters/CN=bramble:admin')),
    rawClient(hub, 'node:pi-1', ca.issue('/O=people/CN=system:node:pi-1')),
    rawClient(hub, 'node:pi-1', ca.issue('/O=system:nodes/CN=system:node:pi-1/CN=system:node:pi-2')),
    rawClient(hub, 'node:pi-2', certificate('pi-1')),
    rawClient(hub, 'node:pi-1', certificate('pi-1'), { clean: false }),
    rawClient(hub, 'node:pi-1', certificate('pi-1'), { protocolVersion: 3, protocolId: 'MQIsdp' }),
    rawClient(hub, 'node:pi-1', certificate('pi-1'), { will: { topic: 'bramble/home/node/pi-2/availability', payload: 'offline' } }),
  ])
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'closed'))
  expect((await rawClient(hub, 'node:pi-1', certificate('pi-1'))).outcome).toBe('connected')
})

test('a node has one availability topic and cannot fill the broker with others', async () => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.mqtt.publish('bramble/home/node/evil/availability', 'online', { qos: 1, retain: true })
  evil.mqtt.publish('bramble/another/node/evil/availability', 'online', { qos: 1, retain: true })
  expect(await evil.closed).toBe('closed')
})

test('availability is online or offline and nothing else', async () => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.mqtt.publish('bramble/home/node/evil/availability', 'x'.repeat(100_000), { qos: 1, retain: true })
  expect(await evil.closed).toBe('closed')
})

test('a packet larger than the limit ends its connection before it is read', async () => {
  const { hub } = await open()
  const evil = await rude(hub)
  evil.hello()
  // A PUBLISH that announces 200 MiB, and its first megabyte.
  evil.socket.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x64]))
  evil.socket.write(Buffer.alloc(1024 * 1024))
  expect(await evil.closed).toBe('closed')
})
