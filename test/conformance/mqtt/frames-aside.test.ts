import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createBroker } from '../../../hub/src/broker/broker.ts'
import { brokerInThisThread } from '../../../hub/src/broker/thread/in-this-thread.ts'
import { createTestCa } from './certificates.ts'
import { start, until } from './hub-and-node.ts'
import { rawClient } from './raw-client.ts'

const ca = createTestCa()
const down = '$bramble/v1/n/pi-1/d/s'
const up = '$bramble/v1/n/pi-1/u/s'

let broker: ReturnType<typeof createBroker>
let running: ReturnType<typeof start>
let events: Parameters<Parameters<typeof broker.onEvent>[0]>[0][]
beforeEach(() => {
  events = []
  const tls = { ...ca.issue('/CN=bramble-hub', { hosts: 'IP:127.0.0.1,DNS:localhost' }), ca: ca.caPem }
  broker = createBroker({ host: '127.0.0.1', port: 0, tls, start: brokerInThisThread, log: silentLog })
  broker.onEvent((event) => {
    events.push(event)
    if (event.type === 'connecting') broker.order({ type: 'admit', connection: event.connection })
  })
  running = start([broker.service])
})
afterEach(() => running.stop())

/** A node that is in its session, and what it has been told. */
async function node() {
  const client = await rawClient({ ca, port: await broker.listening() }, 'node:pi-1', ca.issue('/O=system:nodes/CN=system:node:pi-1'))
  const told: Buffer[] = []
  client.mqtt.on('message', (topic, payload) => topic === down && told.push(payload))
  await client.mqtt.subscribeAsync(down, { qos: 0 })
  const connection = events.findLast((event) => event.type === 'connected')?.connection ?? 0
  const tell = (payload: Uint8Array) => broker.order({ type: 'send', connection, payload })
  const isGone = () => events.some((event) => event.type === 'disconnected' && event.connection === connection)
  return { ...client, told, tell, isGone }
}
/** Bytes of which none is where another is. */
const frameOf = (length: number, from = 0) => Buffer.from(Uint8Array.from({ length }, (_, at) => (from + at * 7) % 251))

const asLong = [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]
test('a frame comes as it was sent wherever its length takes a byte more, alone and with others of its turn', async () => {
  const { told, tell, end } = await node()
  const frames = [0, 1, ...asLong.map((length) => length - Buffer.byteLength(down) - 2), ...asLong].map(frameOf)
  for (const [index, frame] of frames.entries()) {
    tell(frame)
    await until(() => told.length > index, `a frame of ${frame.length} bytes came`)
    expect(told[index]?.equals(frame)).toBe(true)
  }
  const small = frames.filter(({ length }) => length < 20_000)
  for (const frame of small) tell(frame)
  await until(() => told.length >= frames.length + small.length, 'those of one turn came')
  expect(told.slice(frames.length).map((frame, index) => frame.equals(small[index] as Buffer))).toEqual(small.map(() => true))
  end()
})

test('a node that reads nothing for a while is told all of it in its order then, beside what aedes says', async () => {
  const { told, tell, mqtt, socket, isGone, end } = await node()
  socket.pause()
  const frames = Array.from({ length: 60 }, (_, index) => frameOf(16 * 1024, index))
  for (const frame of frames) tell(frame)
  mqtt.publish(up, 'still here', { qos: 1 })
  await until(() => events.some((event) => event.type === 'frame'), 'what the node says is heard meanwhile')
  const acknowledged = new Promise((resolve) => mqtt.on('packetreceive', (packet) => packet.cmd === 'puback' && resolve(true)))
  socket.resume()
  await until(() => told.length === frames.length, 'everything came')
  expect(told.every((frame, index) => frame.equals(frames[index] as Buffer))).toBe(true)
  expect(await acknowledged).toBe(true)
  expect(isGone()).toBe(false)
  end()
})

test('a node that does not read at all is cut off with two megabytes waiting for it, and the hub hears why', async () => {
  const { tell, socket, isGone } = await node()
  socket.pause()
  // Eight megabytes: what the sockets of both take, and more than may wait.
  for (let index = 0; index < 32; index += 1) tell(frameOf(256 * 1024))
  await until(isGone, 'it is cut off')
  expect(events).toContainEqual(expect.objectContaining({ type: 'refused', what: 'the client does not read' }))
  socket.destroy()
})

test('a node that has said its last is told nothing more, and what is said to it does no harm', async () => {
  const { tell, socket, isGone } = await node()
  socket.end()
  await until(() => (tell(frameOf(1000)), isGone()), 'it is gone')
  tell(frameOf(1000))
  const { told, tell: tellNext, end } = await node()
  tellNext(frameOf(1000))
  await until(() => told.length === 1, 'the next connection is told')
  end()
})
