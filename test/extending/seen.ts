import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runHandler } from '@bramble/edge-agent/kubelet/handlers/run-handler.ts'
import { podPaths } from '@bramble/edge-agent/kubelet/paths.ts'
import { samplePod } from '@bramble/edge-agent/kubelet/testing/samples.ts'
import { volumePlugins } from '@bramble/edge-agent/kubelet/volumes/all-sources.ts'
import { createPodVolumes } from '@bramble/edge-agent/kubelet/volumes/pod-volumes.ts'
import { unsupportedIn } from '@bramble/edge-agent/kubelet/wanted/unsupported.ts'
import { machineSource, readFacts } from '@bramble/edge-agent/node/facts.ts'
import { nodeObject } from '@bramble/edge-agent/node/node-object.ts'
import { createTestApi } from '@bramble/hub/apiserver/testing/api.ts'
import { createNode, podOf, startTestHub, until } from '@bramble/hub/client/test-hub.ts'
import { controllersOf } from '@bramble/hub/controllers/testing/controllers-of.ts'
import { createScheduler } from '@bramble/hub/scheduler/scheduler.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { configMaps } from '@bramble/shared/kinds/config-map.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import { mayPublish, maySubscribe } from '@bramble/shared/mqtt/topic-acl.ts'
import { hubParts } from '@bramble/hub/apiserver/authz/hub-parts.ts'

// Runs in the copy of the tree that has one more file of each, and tells what it sees of them.

const notes = '/apis/example.com/v1/namespaces/default/notes'
const note = { apiVersion: 'example.com/v1', kind: 'Note', metadata: { name: 'milk' }, text: 'buy some' }

export async function kind() {
  const { json } = await createTestApi()
  const made = await json('POST', notes, { body: note })
  const wrong = await json('POST', notes, { body: { ...note, metadata: { name: 'wrong' }, text: 7 } })
  const table = await json('GET', notes, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  const { body } = await json('GET', '/apis/example.com/v1')
  return {
    made: made.code,
    wrong: wrong.code,
    cells: table.body.rows[0].cells.slice(0, 2) as unknown,
    discovered: (body.resources as { name: string }[]).map(({ name }) => name),
  }
}

export async function admission() {
  const { json } = await createTestApi()
  const labels = { 'example.com/says': 'HELLO' }
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'loud', labels } }
  const { code, body: status } = await json('POST', '/api/v1/namespaces/default/configmaps', { body })
  return { code, message: String(status.message) }
}

export async function subresource() {
  const { json } = await createTestApi()
  const configMaps = '/api/v1/namespaces/default/configmaps'
  await json('POST', configMaps, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } })
  const { code, body } = await json('GET', `${configMaps}/a/size`)
  const discovered = (await json('GET', '/api/v1')).body.resources as { name: string }[]
  return { code, bytes: Number(body.bytes), isDiscovered: discovered.some(({ name }) => name === 'configmaps/size') }
}

export async function posted() {
  const { json } = await createTestApi()
  const { code, body } = await json('POST', '/apis/example.com/v1/greetings', {
    body: { apiVersion: 'example.com/v1', kind: 'Greeting', said: 'hello' },
  })
  const discovered = (await json('GET', '/apis/example.com/v1')).body.resources as { name: string }[]
  return { code, said: String(body.said), isDiscovered: discovered.some(({ name }) => name === 'greetings') }
}

export async function controller() {
  await using hub = await startTestHub()
  const config = {
    clusterCidr: '10.42.0.0/16',
    serviceCidr: '10.43.0.0/16',
    hubAddresses: () => ['192.168.1.2'],
    hubPort: 6443,
    rootCa: 'ca',
  }
  hub.start(controllersOf(hub, { config }))
  const metadata = { name: 'a', namespace: 'default' }
  await hub.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { say: 'hello' } })
  return await until('it was said once more', async () => (await hub.client.get(configMaps, metadata)).data?.['echo'])
}

export async function schedulerPlugin() {
  await using hub = await startTestHub()
  hub.start(createScheduler({ client: hub.part(hubParts.scheduler), informers: hub.informers, clock: systemClock, log: silentLog }))
  await createNode(hub.client, 'pi-1', { labels: { 'example.com/loud': 'yes' } })
  await hub.client.create(pods, podOf('a'))
  const read = () => hub.client.get(pods, { name: 'a', namespace: 'default' })
  const why = await until('it is refused', async () => findCondition((await read()).status?.conditions, 'PodScheduled')?.message)
  await createNode(hub.client, 'pi-2')
  return { why, node: await until('it is bound', async () => (await read()).spec.nodeName) }
}

export async function fact() {
  const facts = await readFacts(machineSource(tmpdir()), silentLog)
  const network = { ready: true }
  const { labels } = nodeObject({ name: 'pi-1', facts, runtime: { ready: true }, network, images: [], now: '2026-01-01T00:00:00Z' })
  return labels['example.com/pins']
}

export async function volumeSource() {
  const dir = mkdtempSync(join(tmpdir(), 'bramble-one-of-each-'))
  const volumes = [{ name: 'v', gitRepo: { repository: 'https://example.com/a.git' } }]
  try {
    const node = { nodeName: 'pi-1', hostIP: '192.0.2.1', podIPs: [], allocatable: {} }
    const objects = { configMap: () => undefined, secret: () => undefined, has: () => false, services: () => [] }
    const signal = new AbortController().signal
    const mounted = await createPodVolumes(podPaths(dir)).mount(samplePod({ volumes }), { objects, node, signal })
    const from = readFileSync(join(mounted.get('v') ?? '', 'from'), 'utf8')

    const volumeSources = volumePlugins.map(({ source }) => source)
    const input = { name: 'pi-2', facts: {}, runtime: { ready: true }, network: { ready: true }, images: [], now: '2026-01-01T00:00:00Z' }
    const told = Object.entries(nodeObject({ ...input, volumeSources }).labels).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    )
    await using hub = await startTestHub()
    hub.start(createScheduler({ client: hub.part(hubParts.scheduler), informers: hub.informers, clock: systemClock, log: silentLog }))
    await createNode(hub.client, 'pi-1')
    const refusal = await hub.client.create(pods, podOf('a', { volumes })).then(
      () => 'none',
      (error: Error) => error.message,
    )
    await createNode(hub.client, 'pi-2', { labels: Object.fromEntries(told) })
    await hub.client.create(pods, podOf('a', { volumes }))
    const read = () => hub.client.get(pods, { name: 'a', namespace: 'default' })
    return {
      from,
      refusal,
      unsupported: unsupportedIn(await read()),
      node: await until('it is bound', async () => (await read()).spec.nodeName),
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

export async function handler() {
  return runHandler({ greet: { whom: 'pi-1' } } as never, {} as never) // neither is looked into by the one that is asked
}

export async function topic() {
  const of = (node: string) => `bramble/fleet/node/${node}/blink`
  const node = { type: 'node', name: 'pi-1' } as const
  return [
    mayPublish({ type: 'hub' }, of('pi-1')),
    mayPublish(node, of('pi-1')),
    maySubscribe(node, of('pi-1')),
    maySubscribe(node, of('pi-2')),
  ]
}
