import { afterEach, expect, test } from 'vitest'
import { nodes } from '../../../edge-agent/src/resources.ts'
import { createTestApi } from '../../../hub/src/apiserver/testing/api.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { rawNode } from './raw-client.ts'

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})

/** A hub with so many Nodes, and the addresses that they are given. */
async function hubOf(count: number) {
  const api = await createTestApi()
  const url = '/api/v1/nodes'
  const name = (index: number) => `pi-${index}`
  for (let index = 0; index < count; index += 1)
    await api.json('POST', url, { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: name(index) } } })
  return {
    hub: keep(await startHub(api.handle)),
    names: Array.from({ length: count }, (_, index) => name(index)),
    change: (index: number) =>
      api.json('PATCH', `${url}/${name(index)}/status`, {
        contentType: 'application/merge-patch+json',
        body: { status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${index}` }] } },
      }),
  }
}

test('an agent lists and follows the Nodes of a fleet, packed once for all, as they are', async () => {
  const { hub, names, change } = await hubOf(30)
  const { link } = keep(startNode('pi-1', hub))
  const { items, metadata } = await link.client.list(nodes, { limit: 500 })
  expect(items.map((item) => item.metadata.name)).toEqual(names.toSorted())
  const over = new AbortController()
  const heard = new Set<string>()
  const following = (async () => {
    for await (const { object } of link.client.watch(nodes, { resourceVersion: metadata.resourceVersion ?? '' }, { signal: over.signal }))
      heard.add(object.metadata.name)
  })()
  for (let index = 0; index < 30; index += 1) await change(index)
  await until(() => heard.size === 30, 'all changes are heard of')
  over.abort()
  await following
})

test('what is packed is sent only to agents that say that they take it', async () => {
  const { hub } = await hubOf(30)
  const isPacked = async (node: string, features: string[]) => {
    const raw = await rawNode(hub, node)
    keep({ stop: raw.end })
    raw.hello(node, features)
    raw.say({ t: 'req', id: 1, method: 'GET', path: '/api/v1/nodes', query: { limit: '500' }, ms: 10_000 })
    const answer = () => raw.received.find(({ header }) => header.t === 'res')?.header
    await until(() => answer() !== undefined, 'the list is answered')
    expect(answer()).toMatchObject({ status: 200 })
    return answer()?.['z'] === true
  }
  expect(await isPacked('pi-2', ['lines', 'parts'])).toBe(false)
  expect(await isPacked('pi-3', ['lines', 'parts', 'deflate'])).toBe(true)
})
