import { describe, expect, it } from 'vitest'
import { createTestApi, pod } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/pods'
const merge = 'application/merge-patch+json'
const bind = (node: string) => ({ apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: node } })
const forbidden = /^Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than/

describe('what a pod is given on its creation', () => {
  it('a PUT of a pod as it was posted passes, before it is bound and after', async () => {
    const { json } = await createTestApi()
    const posted = pod('a', { containers: [{ name: 'c', image: 'busybox:1', resources: { limits: { cpu: '1' } } }] })
    const { body: created } = await json('POST', url, { body: posted })
    const again = await json('PUT', `${url}/a`, { body: posted })
    expect(again).toMatchObject({ code: 200, body: { spec: created.spec } })
    expect((await json('POST', `${url}/a/binding`, { body: bind('n1') })).code).toBe(201)
    const bound = await json('PUT', `${url}/a`, { body: posted })
    expect(bound).toMatchObject({ code: 200, body: { spec: { ...created.spec, nodeName: 'n1' } } })
  })

  it('a patch that takes the priority or the tolerations away changes nothing', async () => {
    const { json } = await createTestApi()
    const { body: created } = await json('POST', url, { body: pod('a') })
    const change = { spec: { priority: null, preemptionPolicy: null, tolerations: null } }
    const patched = await json('PATCH', `${url}/a?dryRun=All`, { body: change, contentType: merge })
    expect(patched).toMatchObject({ code: 200, body: { spec: created.spec } })
  })

  it('requests come from limits in a pod and never in a template, and so do service links', async () => {
    const { json } = await createTestApi()
    const container = { name: 'c', image: 'b:1', resources: { limits: { cpu: '1' } } }
    const { body: alone } = await json('POST', url, {
      body: pod('a', { containers: [container], initContainers: [{ ...container, name: 'i' }] }),
    })
    expect(alone.spec.containers[0].resources.requests).toEqual({ cpu: '1' })
    expect(alone.spec.initContainers[0].resources.requests).toEqual({ cpu: '1' })
    expect(alone.spec.enableServiceLinks).toBe(true)

    const spec = {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } },
    }
    for (const [resource, kind] of [
      ['deployments', 'Deployment'],
      ['replicasets', 'ReplicaSet'],
    ]) {
      const workloads = `/apis/apps/v1/namespaces/default/${resource}`
      const { body } = await json('POST', workloads, { body: { apiVersion: 'apps/v1', kind, metadata: { name: 'a' }, spec } })
      expect(body.spec.template.spec.containers[0].resources).toEqual({ limits: { cpu: '1' } })
      expect(body.spec.template.spec.enableServiceLinks).toBeUndefined()
      const change = { spec: { template: { spec: { containers: [{ name: 'c', resources: { limits: { cpu: '500m' } } }] } } } }
      const lowered = await json('PATCH', `${workloads}/a`, { body: change, contentType: 'application/strategic-merge-patch+json' })
      expect(lowered).toMatchObject({ code: 200 })
    }
  })
})

describe('the node of a pod', () => {
  it('is set by a binding alone: a patch and a PUT that set, change or take it away are refused', async () => {
    const { json } = await createTestApi()
    const { body: created } = await json('POST', url, { body: pod('a') })
    const place = (nodeName: string | null) => json('PATCH', `${url}/a`, { body: { spec: { nodeName } }, contentType: merge })
    expect(await place('n1')).toMatchObject({ code: 422, body: { message: expect.stringMatching(forbidden) } })
    const put = await json('PUT', `${url}/a`, { body: { ...created, spec: { ...created.spec, nodeName: 'n1' } } })
    expect(put).toMatchObject({ code: 422, body: { message: expect.stringMatching(forbidden) } })

    expect((await json('POST', `${url}/a/binding`, { body: bind('n1') })).code).toBe(201)
    expect((await json('GET', `${url}/a`)).body.spec.nodeName).toBe('n1')
    for (const other of ['n2', null])
      expect(await place(other)).toMatchObject({ code: 422, body: { message: expect.stringMatching(forbidden) } })
  })

  it('is told of as pods/binding when a binding comes too late, and what is wrong with one all at once', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: pod('a') })
    const binding = (body: object) => json('POST', `${url}/a/binding`, { body: { ...bind('n1'), ...body } })
    expect(await binding({ metadata: { name: 'b' } })).toMatchObject({
      code: 400,
      body: { message: 'name in URL does not match name in Binding object' },
    })
    const wrong = await binding({ target: { kind: 'Pi', name: '' } })
    expect([wrong.code, wrong.body.reason, wrong.body.message]).toEqual([
      500,
      undefined,
      '[target.kind: Unsupported value: "Pi": supported values: "Node", "<empty>", target.name: Required value]',
    ])
    expect((await binding({})).code).toBe(201)
    expect((await binding({})).body).toMatchObject({
      message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
      details: { name: 'a', kind: 'pods/binding' },
      code: 409,
    })
  })

  it('may be chosen by who creates the pod', async () => {
    const { json } = await createTestApi()
    expect(await json('POST', url, { body: pod('a', { nodeName: 'n1' }) })).toMatchObject({ code: 201, body: { spec: { nodeName: 'n1' } } })
  })
})

describe('values at the edge', () => {
  it('the answer to an update that is only tried has the resourceVersion of what is stored', async () => {
    const { json } = await createTestApi()
    const { body: stored } = await json('POST', url, { body: pod('a') })
    const { resourceVersion } = stored.metadata
    const change = { metadata: { labels: { a: 'b' } } }
    for (const contentType of [merge, 'application/strategic-merge-patch+json'])
      expect((await json('PATCH', `${url}/a?dryRun=All`, { body: change, contentType })).body.metadata).toMatchObject({
        labels: { a: 'b' },
        resourceVersion,
      })
    const put = await json('PUT', `${url}/a?dryRun=All`, { body: pod('a', {}, { labels: { a: 'b' } }) })
    expect(put.body.metadata).toMatchObject({ labels: { a: 'b' }, resourceVersion })
    const op = [{ op: 'add', path: '/metadata/labels', value: { a: 'b' } }]
    const patched = await json('PATCH', `${url}/a?dryRun=All`, { body: op, contentType: 'application/json-patch+json' })
    expect(patched.body.metadata.resourceVersion).toBe(resourceVersion)
    expect((await json('GET', `${url}/a`)).body).toEqual(stored)
  })

  it('null for a quantity reads 0', async () => {
    const { json } = await createTestApi()
    const containers = [{ name: 'c', image: 'b:1', resources: { limits: { cpu: null }, requests: { memory: null } } }]
    const { code, body } = await json('POST', url, { body: pod('a', { containers }) })
    expect(code).toBe(201)
    expect(body.spec.containers[0].resources).toEqual({ limits: { cpu: '0' }, requests: { cpu: '0', memory: '0' } })
  })
})
