import { afterEach, expect, test } from 'vitest'
import { createLog } from '@bramble/shared/logging/log.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'
import { createSmallApi } from './small-api.ts'

const pods = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

/** As when the machine is paused, or has so much else to do that neither side gets a turn: time passes, and nobody looks. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

test('a machine that stands still for longer than the keepalive loses no connection', async () => {
  const lines: string[] = []
  const log = createLog({ write: (line) => void lines.push(line) })
  const hub = keep(await startHub(createSmallApi().handler, { log }))
  const { link } = keep(startNode('pi-1', hub, { keepaliveSeconds: 1, log }))
  await link.client.list(pods)
  for (let times = 0; times < 3; times += 1) {
    standStill(2500)
    await link.client.list(pods)
  }
  expect(lines.filter((line) => /lost|hub connected again/.test(line))).toEqual([])
})

test('why a node is lost is told: it was not heard of', async () => {
  const lines: string[] = []
  const hub = keep(await startHub(createSmallApi().handler, { log: createLog({ write: (line) => void lines.push(line) }) }))
  const { mqtt } = await silentNode(hub)
  keep({ stop: () => mqtt.end(true) })
  await until(() => lines.some((line) => line.includes('node lost')), 'it is lost')
  expect(lines.find((line) => line.includes('node lost'))).toContain('nothing was heard of it for one and a half times its keepalive')
})

async function silentNode(hub: Awaited<ReturnType<typeof startHub>>) {
  const node = await rawNode(hub, 'pi-1', { keepalive: 1 })
  node.hello()
  await until(() => hub.gateway.connectedNodes().length === 1, 'connected')
  Object.assign(node.mqtt, { sendPing() {}, onKeepaliveTimeout() {} }) // alive as a socket, silent as a node
  return node
}
