import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { createTestApi, type Json, nodeUser } from '../testing/api.ts'

const merge = 'application/merge-patch+json'
const n1 = nodeUser('n1')

async function twoNodes() {
  const api = await createTestApi()
  for (const name of ['n1', 'n2']) {
    const metadata = { name, labels: { role: 'x' }, annotations: { note: 'x'.repeat(100_000) } }
    await api.json('POST', '/api/v1/nodes', {
      body: { apiVersion: 'v1', kind: 'Node', metadata, spec: { podCIDR: `10.42.${name.slice(1)}.0/24` } },
    })
    const images = Array.from({ length: 50 }, (_, index) => ({ names: [`image-${index}`], sizeBytes: 1 }))
    const addresses = [
      { type: 'InternalIP', address: '192.168.1.7' },
      { type: 'InternalIP', address: 'odd' },
      { type: 'Hostname', address: name },
    ]
    await api.json('PATCH', `/api/v1/nodes/${name}/status`, {
      body: { status: { images, addresses, capacity: { cpu: '4' } } },
      contentType: merge,
    })
  }
  return api
}

/** What a peer is, whatever it is asked in. */
const peer = (version: string) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n2', uid: expect.any(String), creationTimestamp: expect.any(String), resourceVersion: version },
  spec: { podCIDR: '10.42.2.0/24', podCIDRs: ['10.42.2.0/24'] },
  status: { addresses: [{ type: 'InternalIP', address: '192.168.1.7' }] },
})

describe('a node that reads the nodes', () => {
  it('sees of the others what routes need, in a list, a get and a table, and its own Node whole', async () => {
    const { json } = await twoNodes()
    const { body } = await json('GET', '/api/v1/nodes', { user: n1 })
    const [own, other] = body.items
    expect(other).toEqual(peer(other.metadata.resourceVersion))
    expect(own.status.images).toHaveLength(50)
    expect((await json('GET', '/api/v1/nodes/n2', { user: n1 })).body).toEqual(peer(other.metadata.resourceVersion))
    expect((await json('GET', '/api/v1/nodes/n1', { user: n1 })).body.metadata.annotations.note).toHaveLength(100_000)
    const table = await json('GET', '/api/v1/nodes?includeObject=Object', {
      user: n1,
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    })
    expect(table.body.rows[1].object).toEqual(peer(other.metadata.resourceVersion))
    expect((await json('GET', '/api/v1/nodes/n2')).body.status.images).toHaveLength(50)
  })

  it('sees the same in a watch, with the versions it resumes from, and hears of no change that it would not see', async () => {
    const { ask, json } = await twoNodes()
    const stop = new AbortController()
    const from = (await json('GET', '/api/v1/nodes', { user: n1 })).body.metadata.resourceVersion
    const response = await ask('GET', `/api/v1/nodes?watch=true&resourceVersion=${from}`, { user: n1, signal: stop.signal })
    if (response.type !== 'events') throw new Error('expected a watch')
    const events = response.events[Symbol.asyncIterator]()
    const next = async (): Promise<Json> => JSON.parse(((await events.next()).value as RawWatchEvent).text)
    const change = (name: string) =>
      json('PATCH', `/api/v1/nodes/${name}`, { body: { metadata: { labels: { changed: name } } }, contentType: merge })
    await change('n2')
    const moved = { status: { addresses: [{ type: 'InternalIP', address: '192.168.1.8' }] } }
    const { body } = await json('PATCH', '/api/v1/nodes/n2/status', { body: moved, contentType: merge })
    const after = { ...peer(body.metadata.resourceVersion), ...moved }
    expect(await next()).toEqual({ type: 'MODIFIED', object: after })
    await change('n1')
    expect((await next()).object.status.images).toHaveLength(50)
    await json('DELETE', '/api/v1/nodes/n2')
    const gone = await next()
    expect(gone).toEqual({ type: 'DELETED', object: { ...after, metadata: { ...after.metadata, resourceVersion: expect.any(String) } } })
    stop.abort()
    await events.return?.()
  })
})
