import { connect as connectTcp } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { MqttClient } from 'mqtt'
import { afterEach, expect, test } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createBroker } from '../../../hub/src/broker/broker.ts'
import { brokerInThisThread } from '../../../hub/src/broker/thread/in-this-thread.ts'
import { createTestCa } from './certificates.ts'
import { until } from './hub-and-node.ts'
import { rawClient } from './raw-client.ts'

// More than one address may have.
const many = 300
const ca = createTestCa()
const opened: { stop(): unknown }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

/** The hub's door, where a node is let in when the test says so. */
async function door() {
  const tls = { ...ca.issue('/CN=bramble-hub', { hosts: 'IP:127.0.0.1,DNS:localhost' }), ca: ca.caPem }
  const broker = createBroker({ host: '127.0.0.1', port: 0, tls, start: brokerInThisThread, log: silentLog })
  const asking = new Map<string, number>()
  broker.onEvent((event) => event.type === 'connecting' && asking.set(event.node, event.connection))
  const over = new AbortController()
  const running = broker.service.run(over.signal)
  opened.push({ stop: () => (over.abort(), running) })
  return { ca, port: await broker.listening(), asking, letIn: (connection: number) => broker.order({ type: 'admit', connection }) }
}
type Door = Awaited<ReturnType<typeof door>>
const certificateOf = (node: string) => ca.issue(`/O=system:nodes/CN=system:node:${node}`)

/** A board that has said hello to TLS, and says the rest when it is told to. */
function halfway({ port }: Door, node: string, pair?: { readonly key: string; readonly certificate: string }) {
  const raw = connectTcp(port, '127.0.0.1').on('error', () => {})
  const held: Buffer[] = []
  let [hasBegun, isFree, isAnswered] = [false, false, false]
  const way = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (hasBegun && !isFree) held.push(chunk)
      else raw.write(chunk)
      hasBegun = true
      done()
    },
  })
  raw.on('data', (chunk: Buffer) => {
    isAnswered = true
    way.push(chunk)
  })
  raw.once('close', () => way.destroy())
  const socket = connectTls({ socket: way, ca: ca.caPem, ...(pair && { key: pair.key, cert: pair.certificate }) })
  new MqttClient(() => socket, { protocolVersion: 4, clientId: `node:${node}`, clean: true, reconnectPeriod: 0 }).on('error', () => {})
  opened.unshift({ stop: () => raw.destroy() })
  return {
    get isDealtWith() {
      return isAnswered || raw.destroyed
    },
    get isClosed() {
      return raw.destroyed
    },
    goOn() {
      isFree = true
      for (const chunk of held.splice(0)) raw.write(chunk)
    },
  }
}

test('of a fleet that comes at once behind one address those who have begun are left to finish, however slow they are', async () => {
  const at = await door()
  const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4', 'pi-5']
  const first = names.map((name) => halfway(at, name, certificateOf(name)))
  await until(() => first.every((each) => each.isDealtWith), 'the first have begun')
  const crowd = Array.from({ length: many }, (_, index) => halfway(at, `other-${index}`))
  await until(() => crowd.every((each) => each.isDealtWith), 'all of them have come')
  expect(crowd.some((each) => each.isClosed)).toBe(true)
  for (const each of first) each.goOn()
  await until(() => names.every((name, index) => at.asking.has(name) || first[index]?.isClosed), 'the first have said who they are')
  expect([...at.asking.keys()].toSorted()).toEqual(names)
})

test('who has shown the certificate of a node is not ended for strangers while the hub makes up its mind', async () => {
  const at = await door()
  // One after the other, so that each has begun before the next comes.
  const strangers = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      const stranger = connectTls({ host: '127.0.0.1', port: at.port, ca: ca.caPem }).on('error', () => {})
      opened.unshift({ stop: () => stranger.destroy() })
      await new Promise((resolve) => stranger.once('secureConnect', resolve).once('close', resolve))
    }
  }
  await strangers(many / 2)
  const names = ['pi-1', 'pi-2', 'pi-3']
  const nodes = names.map((name) => rawClient(at, `node:${name}`, certificateOf(name)))
  await until(() => names.every((name) => at.asking.has(name)), 'they ask to be let in')
  await strangers(many)
  for (const connection of at.asking.values()) at.letIn(connection)
  const outcomes = await Promise.all(nodes)
  opened.unshift({ stop: () => outcomes.forEach((node) => node.end()) })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['connected', 'connected', 'connected'])
})
