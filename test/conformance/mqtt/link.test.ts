import { afterEach, expect, test } from 'vitest'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject, Resource, WatchEvent } from '@bramble/shared/api/client.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'

const pods: Resource<KubeObject & { status?: { phase?: string } }> = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
}
const pod = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  ...more,
})
const at = (name: string) => `/api/v1/namespaces/default/pods/${name}`

const opened: { stop(): Promise<void> }[] = []
const keep = <T extends { stop(): Promise<void> }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

test('a node gets, lists, creates, patches and deletes over MQTT as the user its certificate names', async () => {
  const api = createSmallApi()
  const hub = keep(await startHub(api.handler))
  const { client } = keep(startNode('pi-1', hub)).link

  await client.create(pods, pod('a'))
  expect((await client.get(pods, { namespace: 'default', name: 'a' })).metadata.name).toBe('a')
  const patched = await client.patch(
    pods,
    { namespace: 'default', name: 'a' },
    { type: 'application/merge-patch+json', body: { status: { phase: 'Running' } } },
    { subresource: 'status' },
  )
  expect(patched.status?.phase).toBe('Running')
  expect((await client.list(pods)).items.map(({ metadata }) => metadata.name)).toEqual(['a'])
  await client.delete(pods, { namespace: 'default', name: 'a' })
  await expect(client.get(pods, { namespace: 'default', name: 'a' })).rejects.toSatisfy((error) => isApiError(error, 'NotFound'))
  expect(new Set(api.asked.filter(({ path }) => path.includes('pods')).map(({ user }) => `${user.name} ${user.groups.join()}`))).toEqual(
    new Set(['system:node:pi-1 system:nodes,system:authenticated']),
  )
  expect(hub.gateway.connectedNodes()).toEqual(['pi-1'])
})

test('a watch over MQTT delivers what was there since its version and what comes', async () => {
  const api = createSmallApi()
  api.put(at('a'), pod('a'))
  const since = String(api.revision - 1)
  const hub = keep(await startHub(api.handler))
  const { client } = keep(startNode('pi-1', hub)).link
  const stop = new AbortController()
  const seen: string[] = []
  const reading = (async () => {
    for await (const { type, object } of client.watch(pods, { namespace: 'default', resourceVersion: since }, { signal: stop.signal }))
      seen.push(`${type} ${object.metadata.name}`)
  })()
  await until(() => seen.length === 1, 'the first event')
  api.put(at('b'), pod('b'))
  api.remove(at('a'))
  await until(() => seen.length === 3, 'three events')
  expect(seen).toEqual(['ADDED a', 'ADDED b', 'DELETED a'])
  stop.abort()
  await reading
  await until(() => api.openWatches === 0, 'the watch is closed in the hub too')
})

test('a watch from a version whose history is gone throws Expired', async () => {
  const api = createSmallApi()
  api.put(at('a'), pod('a'))
  api.forgetHistory()
  const hub = keep(await startHub(api.handler))
  const { client } = keep(startNode('pi-1', hub)).link
  const watch = async () => {
    const events: WatchEvent<KubeObject>[] = []
    for await (const event of client.watch(pods, { namespace: 'default', resourceVersion: '1' }, { signal: new AbortController().signal }))
      events.push(event)
  }
  await expect(watch()).rejects.toSatisfy((error) => isApiError(error, 'Expired'))
})
