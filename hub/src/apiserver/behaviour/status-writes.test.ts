import { pods } from '@bramble/shared/kinds/pod.ts'
import { describe, expect, it } from 'vitest'
import { createLoopbackClient } from '../../client/loopback.ts'
import { admin, createTestApi, nodeUser, pod } from '../testing/api.ts'
import { workload } from '../testing/examples.ts'

const url = '/api/v1/namespaces/default/pods'
const strategic = 'application/strategic-merge-patch+json'
const key = { namespace: 'default', name: 'a' }
const running = {
  phase: 'Running',
  podIP: '10.1.0.1',
  podIPs: [{ ip: '10.1.0.1' }],
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' }],
}

async function podWithStatus() {
  const api = await createTestApi()
  const client = createLoopbackClient({ handle: api.handle, user: admin, manager: 'test' })
  const labels = { '10': 'b', '9': 'a', app: 'x' }
  expect((await api.json('POST', url, { body: pod('a', {}, { labels }) })).code).toBe(201)
  const patched = (body: unknown) => api.json('PATCH', `${url}/a/status`, { body, contentType: strategic })
  return { ...api, patched, stored: () => client.get(pods, key, {}) }
}

describe('a status that is written', () => {
  it('leaves the rest of its pod as it lies there: whoever holds it holds it once', async () => {
    const { patched, stored } = await podWithStatus()
    const { spec } = await stored()
    expect((await patched({ status: running })).code).toBe(200)
    const next = await stored()
    expect(next.status).toMatchObject({ phase: 'Running', qosClass: 'BestEffort' })
    expect(next.spec).toBe(spec)
    expect(Object.isFrozen(next.status?.conditions?.[0])).toBe(true)
  })

  it('is told to the hub itself as it is told to others, in the same order', async () => {
    const { patched, stored, json } = await podWithStatus()
    const changes = [
      { status: running },
      { status: { conditions: [{ type: 'Ready', status: 'False' }], hostIP: '192.0.2.1' } },
      { status: { podIP: null, podIPs: null, hostIP: null } },
      { metadata: { labels: { app: 'y' } }, status: { message: 'x' } },
    ]
    for (const change of changes) {
      expect((await patched(change)).code).toBe(200)
      const { body: told } = await json('GET', `${url}/a`)
      const { managedFields: _, ...metadata } = told.metadata
      expect(JSON.stringify(await stored())).toBe(JSON.stringify({ ...told, metadata }))
    }
  })

  it('is answered with who owns its fields, but to nodes, which are told that nowhere', async () => {
    const { json, patched } = await podWithStatus()
    const bind = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'n' } }
    expect((await json('POST', `${url}/a/binding`, { body: bind })).code).toBe(201)
    expect((await patched({ status: running })).body.metadata.managedFields).toBeDefined()
    const body = { status: { message: 'x' } }
    const answer = await json('PATCH', `${url}/a/status`, { body, contentType: strategic, user: nodeUser('n') })
    expect(answer).toMatchObject({
      code: 200,
      body: { metadata: { name: 'a', uid: expect.any(String) }, status: { phase: 'Running', message: 'x' } },
    })
    expect(answer.body.metadata.managedFields).toBeUndefined()
  })

  it('is refused with what a patch of it says wrongly of the rest, and warned of what nobody knows', async () => {
    const { patched, stored } = await podWithStatus()
    const { spec } = await stored()
    expect(await patched({ spec: { containers: 5 } })).toMatchObject({ code: 422 })
    expect(await patched({ spec: { nonsense: 1 }, status: { phase: 'Running' } })).toMatchObject({
      code: 200,
      headers: { warning: expect.stringContaining('spec.nonsense') },
    })
    expect(await patched({ status: { nonsense: 1, phase: 'Failed' } })).toMatchObject({
      code: 200,
      headers: { warning: expect.stringContaining('status.nonsense') },
      body: { status: { phase: 'Failed' } },
    })
    expect(await patched({ status: { phase: 7 } })).toMatchObject({ code: 422 })
    expect(await patched({ status: { podIP: 'x', podIPs: [{ ip: 'x' }] } })).toMatchObject({ code: 422 })
    expect((await stored()).spec).toEqual(spec)
  })
})

describe('what Go writes whether it was given or not', () => {
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: workload }
  it('is answered, stored, and no change when it comes back', async () => {
    const { json } = await createTestApi()
    expect((await json('POST', `${deployments}?dryRun=All`, { body })).body.status).toEqual({})
    expect((await json('POST', deployments, { body })).body.status).toEqual({})
    const { body: stored } = await json('GET', `${deployments}/a`)
    expect(stored.status).toEqual({})
    const { body: put } = await json('PUT', `${deployments}/a`, { body: stored })
    expect(put.metadata.resourceVersion).toBe(stored.metadata.resourceVersion)
    const conditions = [{ type: 'X', status: 'True' }]
    const patched = await json('PATCH', `${deployments}/a/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { conditions } },
    })
    expect(patched.body.status.conditions).toEqual([{ ...conditions[0], lastUpdateTime: null, lastTransitionTime: null }])
    // And none of it makes an object one that nobody can read, which no finalizer holds.
    const held = { contentType: 'application/merge-patch+json', body: { metadata: { finalizers: ['a.b/c'] } } }
    expect((await json('PATCH', `${deployments}/a`, held)).code).toBe(200)
    await json('DELETE', `${deployments}/a`)
    expect((await json('GET', `${deployments}/a`)).body.metadata.deletionTimestamp).toEqual(expect.any(String))
  })
})
