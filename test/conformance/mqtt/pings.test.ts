import { MqttClient } from 'mqtt'
import { afterEach, expect, test, vi } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default' } }

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A node that is connected, whose time goes as the test says. */
async function connected() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const pings = vi.spyOn(MqttClient.prototype, 'sendPing')
  const api = createSmallApi()
  let ms = 0
  const { link } = keep(startNode('pi-1', keep(await startHub(api.handler)), { clock: { now: () => Date.now(), monotonic: () => ms } }))
  await link.client.list(pods)
  const pass = (seconds: number) => {
    ms += seconds * 1000
    vi.advanceTimersByTime(seconds * 1000)
  }
  return { api, client: link.client, pings, pass }
}

test('a node whose Lease is answered every ten seconds needs no ping, and one that is silent for longer sends it', async () => {
  const { client, pings, pass } = await connected()
  for (let lease = 0; lease < 6; lease += 1) {
    pass(10)
    await client.list(pods)
  }
  expect(pings).not.toHaveBeenCalled()
  pass(12)
  expect(pings).toHaveBeenCalledOnce()
})

test('what the hub says by itself puts no ping off: the hub has to hear of the node', async () => {
  const { api, client, pings, pass } = await connected()
  const over = new AbortController()
  let heard = 0
  const watching = (async () => {
    for await (const _ of client.watch(pods, {}, { signal: over.signal })) heard += 1
  })()
  await until(() => api.openWatches === 1, 'the node watches')
  for (let change = 1; change <= 3; change += 1) {
    pass(5)
    api.put('/api/v1/namespaces/default/pods/a', pod)
    await until(() => heard >= change, 'the node hears of a change')
  }
  expect(pings).toHaveBeenCalledOnce()
  over.abort()
  await watching
})
