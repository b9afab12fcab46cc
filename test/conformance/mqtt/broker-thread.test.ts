import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
// @ts-expect-error a build script, without types
import { globPlugin } from '../../../shared/build/glob-plugin.mjs'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createBroker } from '../../../hub/src/broker/broker.ts'
import { brokerInWorker } from '../../../hub/src/broker/broker-thread.ts'
import type { NodeTrust } from '../../../hub/src/broker/joining/node-trust.ts'
import { createTestCa } from './certificates.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { rawClient } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const ca = createTestCa()
const folder = mkdtempSync(join(tmpdir(), 'bramble-broker-'))
const workerUrl = pathToFileURL(join(folder, 'broker-worker.mjs'))

beforeAll(async () => {
  // As the bundle of the product does it.
  await build({
    entryPoints: [new URL('../../../hub/src/broker/thread/worker.ts', import.meta.url).pathname],
    outfile: workerUrl.pathname,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    plugins: [globPlugin],
    logLevel: 'warning',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

test('the broker in its own thread serves a node, and a thread that dies is started again on the same port', async () => {
  const api = createSmallApi()
  const hub = keep(await startHub(api.handler, { ca, workerUrl }))
  const node = keep(startNode('pi-1', hub))
  expect((await node.link.client.list(pods)).items).toEqual([])
  // An order nobody knows what to do with stands for any bug in the thread.
  hub.broker.order({ type: 'publish', topic: undefined as never, payload: '', retain: false })
  await until(() => !node.link.isConnected(), 'the thread is gone')
  expect((await node.link.client.list(pods)).items).toEqual([])
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('the word for a node whose connection went with its thread lets no other in that connects afterwards', async () => {
  const asked: string[] = []
  const words = new Map<string, (refusal: string | undefined) => void>()
  const trust: NodeTrust = {
    admit: (node) => new Promise((resolve) => asked.push(node) && words.set(node, resolve)),
    refusalOf: () => undefined,
    onEnded: () => () => {},
    isOver: () => false,
  }
  const hub = keep(await startHub(createSmallApi().handler, { ca, workerUrl, trust }))
  const connect = (node: string) => rawClient(hub, `node:${node}`, ca.issue(`/O=system:nodes/CN=system:node:${node}`))
  const honest = connect('honest')
  await until(() => asked.includes('honest'), 'the first connection of the first thread waits for a word')
  hub.broker.order({ type: 'publish', topic: undefined as never, payload: '', retain: false })
  expect((await honest).outcome).toBe('closed')
  const knock = async () => {
    for (;;) {
      const client = await connect('evil')
      // Until the next thread listens, nobody asks.
      if (asked.includes('evil')) return client
    }
  }
  const evil = knock()
  await until(() => asked.includes('evil'), 'the first connection of the second thread waits for a word')
  words.get('honest')?.(undefined)
  words.get('evil')?.('it is not to come in')
  expect((await evil).outcome).toBe('closed')
  expect(await (await evil).connack).toBe(5)
})

test('a port that is taken is one clear sentence', async () => {
  const hub = keep(await startHub(createSmallApi().handler, { ca, workerUrl }))
  const second = createBroker({
    host: '127.0.0.1',
    port: hub.port,
    tls: { ...ca.issue('/CN=hub', { hosts: 'IP:127.0.0.1' }), ca: ca.caPem },
    start: brokerInWorker(workerUrl),
    log: silentLog,
  })
  await expect(second.service.run(new AbortController().signal)).rejects.toThrow(`the MQTT port ${hub.port} is in use by another program`)
})

// aedes with its default concurrency dies of this: a QoS 1 subscriber that goes away while a hundred publishes are on their way.
test('many publishers in flight and a subscriber that disconnects do not bring the broker down', async () => {
  const api = createSmallApi()
  const hub = keep(await startHub(api.handler, { ca, workerUrl }))
  const steady = keep(startNode('steady', hub))
  await steady.link.client.list(pods)
  const certificates = Array.from({ length: 12 }, (_, index) => ca.issue(`/O=system:nodes/CN=system:node:n${index}`))
  for (let round = 0; round < 3; round++) {
    const clients = await Promise.all(certificates.map((certificate, index) => rawClient(hub, `node:n${index}`, certificate)))
    const subscriber = await rawClient(hub, 'node:subscriber', ca.issue('/O=system:nodes/CN=system:node:subscriber'))
    await subscriber.mqtt.subscribeAsync('$bramble/v1/n/subscriber/d/s1', { qos: 1 })
    // 12 × 20 QoS 1 publishes without waiting for one acknowledgement.
    for (const { mqtt } of clients)
      for (let burst = 0; burst < 20; burst++)
        mqtt.publish(`bramble/home/node/${mqtt.options.clientId?.slice(5)}/availability`, 'online', { qos: 1, retain: true })
    subscriber.socket.destroy()
    for (const { socket } of clients) socket.destroy()
    expect((await steady.link.client.list(pods)).items).toEqual([])
    expect(steady.link.isConnected()).toBe(true)
  }
})
