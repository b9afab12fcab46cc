import { describe, expect, it } from 'vitest'
import { createTestApi, nodeUser, pod } from '../testing/api.ts'
import { deployment, deployments } from '../testing/apply.ts'

const merge = 'application/merge-patch+json'
const pods = '/api/v1/namespaces/default/pods'

describe('what is written by way of /status', () => {
  it('takes labels, annotations and finalizers along, as in most kinds of Kubernetes, and checks them', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p', {}, { ownerReferences: [owner('a')] }) })
    const patch = (metadata: object) =>
      json('PATCH', `${pods}/p/status`, { body: { metadata, spec: { nodeName: 'n' } }, contentType: merge })
    const metadata = { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['example.com/e'] }
    const { body } = await patch({ ...metadata, ownerReferences: [owner('b')], generation: 9 })
    expect(body.metadata).toMatchObject({ ...metadata, generation: 1, ownerReferences: [owner('a')] })
    expect(body.spec.nodeName).toBeUndefined()
    expect(
      body.metadata.managedFields.find(({ subresource }: { subresource?: string }) => subresource === 'status').fieldsV1,
    ).toMatchObject({
      'f:metadata': { 'f:labels': { 'f:a': {} }, 'f:finalizers': { 'v:"example.com/e"': {} } },
    })
    expect(await patch({ labels: { 'no label': '' } })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'metadata.labels' }] } },
    })
    await json('DELETE', `${pods}/p`)
    expect(await patch({ finalizers: ['example.com/e', 'example.com/late'] })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'metadata.finalizers', reason: 'FieldValueForbidden' }] } },
    })
    expect((await patch({ finalizers: null })).code).toBe(200)
    expect((await json('GET', `${pods}/p`)).code).toBe(404)
  })

  it('leaves the labels of a Deployment, and a change of annotations there raises no generation', async () => {
    const { json } = await createTestApi()
    await json('POST', deployments, { body: deployment() })
    const body = { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, status: { observedGeneration: 1 } }
    const { body: seen } = await json('PATCH', `${deployments}/d/status`, { body, contentType: merge })
    expect([seen.metadata.labels, seen.metadata.annotations, seen.metadata.generation]).toEqual([undefined, { c: 'd' }, 1])
  })

  it('is applied with its labels, which its manager owns', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('p') })
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { a: 'b' } }, status: { message: 'm' } }
    const asked = { body, contentType: 'application/apply-patch+yaml' }
    const { body: applied } = await json('PATCH', `${pods}/p/status?fieldManager=me`, asked)
    expect([applied.metadata.labels, applied.status.message]).toEqual([{ a: 'b' }, 'm'])
    expect(applied.metadata.managedFields.find(({ manager }: { manager: string }) => manager === 'me')).toMatchObject({
      subresource: 'status',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:status': { 'f:message': {} } },
    })
  })

  it('may not change what selectors and finalizers go by when a node writes it', async () => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } } })
    await json('POST', pods, { body: pod('p') })
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
    await json('POST', `${pods}/p/binding`, { body: binding })
    const write = (metadata: object) =>
      json('PATCH', `${pods}/p/status`, { user: nodeUser('n'), body: { metadata, status: { message: 'm' } }, contentType: merge })
    expect((await write({ labels: {} })).code).toBe(200)
    for (const field of ['labels', 'annotations', 'finalizers'])
      expect(await write({ [field]: field === 'finalizers' ? ['example.com/e'] : { a: 'b' } })).toMatchObject({
        code: 403,
        body: { message: expect.stringContaining(`node "n" cannot update ${field} through pod status`) },
      })
  })
})

it('a change of annotations raises the generation of a Deployment: its ReplicaSets are told of them', async () => {
  const { json } = await createTestApi()
  await json('POST', deployments, { body: deployment() })
  const change = async (body: object) => (await json('PATCH', `${deployments}/d`, { body, contentType: merge })).body.metadata.generation
  expect(await change({ metadata: { annotations: { a: 'b' } } })).toBe(2)
  expect(await change({ metadata: { annotations: { a: 'b' }, labels: { c: 'd' } } })).toBe(2)
  expect(await change({ metadata: { annotations: { a: 'c' } }, spec: { paused: true } })).toBe(3)
})

const owner = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid-${name}` })
