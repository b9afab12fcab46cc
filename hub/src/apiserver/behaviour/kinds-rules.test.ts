import { describe, expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { workload } from '../testing/examples.ts'

const causesOf = (body: Json): string[] =>
  (body.details?.causes ?? []).map(({ field, reason }: Json) => `${field}:${reason.replace('FieldValue', '')}`)

const services = '/api/v1/namespaces/default/services'
const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }], ...spec } })
const merge = 'application/merge-patch+json'

describe('of a Service is refused', () => {
  it.each([
    [{ clusterIPs: ['val'] }, ['spec.clusterIPs:Invalid', 'spec.clusterIPs[0]:Invalid']],
    [{ type: 'ExternalName', externalName: 'a.example.com', clusterIP: '*' }, ['spec.clusterIPs:Forbidden']],
    [{ type: 'ExternalName', externalName: 'a.example.com.', ipFamilies: ['IPv4'] }, ['spec.ipFamilies:Forbidden']],
    [{ ports: [{ port: 80, appProtocol: '' }] }, ['spec.ports[0].appProtocol:Invalid', 'spec.ports[0].appProtocol:Invalid']],
    [{ type: 'LoadBalancer', ports: [{ port: 10250 }] }, ['spec.ports[0]:Invalid']],
    [{ loadBalancerClass: 'x', trafficDistribution: 'y' }, ['spec.loadBalancerClass:Forbidden', 'spec.trafficDistribution:NotSupported']],
    [{ type: 'NodePort', ports: [{ port: 0, nodePort: 1 }] }, ['spec.ports[0].port:Invalid', 'spec.ports[0].targetPort:Invalid']],
    [{ sessionAffinity: 'X' }, ['spec.sessionAffinity:NotSupported']],
  ])('%j', async (spec, expected) => {
    const { json } = await createTestApi()
    const { code, body } = await json('POST', services, { body: service(spec) })
    expect(code).toBe(422)
    expect(causesOf(body)).toEqual(expected)
  })

  it('nothing of one that becomes a name for another and takes nothing along', async () => {
    const { json } = await createTestApi()
    await json('POST', services, { body: service({ type: 'LoadBalancer' }) })
    const { code, body } = await json('PATCH', `${services}/a`, {
      contentType: merge,
      body: { spec: { type: 'ExternalName', externalName: 'b' } },
    })
    expect(code).toBe(200)
    expect(Object.keys(body.spec).toSorted()).toEqual(['externalName', 'internalTrafficPolicy', 'ports', 'sessionAffinity', 'type'])
  })
})

describe('of what is said of others is refused', () => {
  it('an address, a name or a port of Endpoints that cannot be', async () => {
    const { json } = await createTestApi()
    const subsets = [
      { addresses: [{ ip: '127.0.0.1', hostname: 'A', nodeName: '-' }], ports: [{ port: 80 }, { name: 'b', port: 81, appProtocol: '/' }] },
    ]
    const body = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'a' }, subsets }
    expect(new Set(causesOf((await json('POST', '/api/v1/namespaces/default/endpoints', { body })).body))).toEqual(
      new Set([
        'subsets[0].addresses[0].ip:Invalid',
        'subsets[0].addresses[0].hostname:Invalid',
        'subsets[0].addresses[0].nodeName:Invalid',
        'subsets[0].ports[0].name:Required',
        'subsets[0].ports[1].appProtocol:Invalid',
      ]),
    )
  })

  it('an EndpointSlice of no known type, told as that', async () => {
    const { json } = await createTestApi()
    const url = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a' }, endpoints: [{ addresses: ['x'] }] }
    expect(causesOf((await json('POST', url, { body: slice })).body)).toEqual(['addressType:Required'])
    expect(causesOf((await json('POST', url, { body: { ...slice, addressType: 'X' } })).body)).toEqual(['addressType:NotSupported'])
  })

  it.each([
    ['replicasets', { replicas: 1, readyReplicas: 0, availableReplicas: 1 }, ['status.availableReplicas:Invalid']],
    [
      'deployments',
      { replicas: 1, updatedReplicas: 2, unavailableReplicas: -1 },
      ['status.unavailableReplicas:Invalid', 'status.updatedReplicas:Invalid'],
    ],
  ])('numbers of %s that cannot be', async (resource, status, expected) => {
    const { json } = await createTestApi()
    const url = `/apis/apps/v1/namespaces/default/${resource}`
    const kind = resource === 'deployments' ? 'Deployment' : 'ReplicaSet'
    await json('POST', url, { body: { apiVersion: 'apps/v1', kind, metadata: { name: 'a' }, spec: workload } })
    expect(causesOf((await json('PATCH', `${url}/a/status`, { contentType: merge, body: { status } })).body)).toEqual(expected)
  })

  it('a capacity that is negative or in parts, and another name of a Node', async () => {
    const { json } = await createTestApi()
    await json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } } })
    const status = { capacity: { cpu: '-1', pods: '1500m' } }
    expect(causesOf((await json('PATCH', '/api/v1/nodes/a/status', { contentType: merge, body: { status } })).body)).toEqual([
      'status.capacity.cpu:Invalid',
      'status.capacity.pods:Invalid',
    ])
    const renamed = await json('PATCH', '/api/v1/nodes/a', { contentType: merge, body: { spec: { externalID: 'b' } } })
    expect(causesOf(renamed.body)).toEqual(['[]:Forbidden'])
  })

  it("a finalizer of a Namespace without a domain; its phase is the server's", async () => {
    const { json } = await createTestApi()
    const namespace = (name: string, rest: object) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, ...rest })
    const refused = await json('POST', '/api/v1/namespaces', { body: namespace('a', { spec: { finalizers: ['x'] } }) })
    expect(causesOf(refused.body)).toEqual(['spec.finalizers:Invalid'])
    const taken = await json('POST', '/api/v1/namespaces', { body: namespace('b', { status: { phase: 'Odd' } }) })
    expect(taken).toMatchObject({ code: 201, body: { status: { phase: 'Active' } } })
    const odd = await json('PATCH', '/api/v1/namespaces/b/status', { contentType: merge, body: { status: { phase: 'Odd' } } })
    expect(causesOf(odd.body)).toEqual(['status.Phase:Invalid'])
  })
})

describe('finalizers', () => {
  const ask = async (url: string, apiVersion: string, kind: string, more: object) => {
    const { json } = await createTestApi()
    return causesOf(
      (await json('POST', url, { body: { apiVersion, kind, metadata: { name: 'a', finalizers: ['ok.io/x', 'b'] }, ...more } })).body,
    )
  }
  it('of what Kubernetes acts on have a domain, and each is told by its place', async () => {
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]
    expect(await ask('/apis/rbac.authorization.k8s.io/v1/clusterroles', 'rbac.authorization.k8s.io/v1', 'ClusterRole', { rules })).toEqual([
      'metadata.finalizers[1]:Invalid',
    ])
    expect(await ask('/apis/node.k8s.io/v1/runtimeclasses', 'node.k8s.io/v1', 'RuntimeClass', { handler: 'a' })).toEqual([])
  })
})

describe('a resourceVersion of what is to be made', () => {
  const url = '/api/v1/namespaces/default/configmaps'
  const body = (metadata: object, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', ...metadata },
    ...more,
  })
  it('is refused after all that is wrong with it, and only where it would be stored', async () => {
    const { json } = await createTestApi()
    const wrong = await json('POST', url, { body: body({ resourceVersion: '5', labels: { 'a b': '' } }) })
    expect([wrong.code, causesOf(wrong.body)]).toEqual([422, ['metadata.labels:Invalid']])
    expect((await json('POST', `${url}?dryRun=All`, { body: body({ resourceVersion: '5' }) })).code).toBe(201)
    expect((await json('POST', url, { body: body({ resourceVersion: '5' }) })).code).toBe(500)
    expect((await json('POST', url, { body: body({ resourceVersion: 'x' }) })).code).toBe(201)
    // Read in one pass, however long it is.
    expect((await json('POST', url, { body: body({ name: 'long', resourceVersion: `${'1'.repeat(500_000)}x` }) })).code).toBe(201)
  })
})

describe('a pod', () => {
  it('does not mount a volume that is wrong', async () => {
    const { json } = await createTestApi()
    const containers = [{ name: 'c', image: 'b', volumeMounts: [{ name: 'v', mountPath: '/v' }] }]
    const spec = { containers, volumes: [{ name: 'v', hostPath: { path: '' } }] }
    const { body } = await json('POST', '/api/v1/namespaces/default/pods', {
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec },
    })
    expect(causesOf(body)).toEqual(['spec.volumes[0].hostPath.path:Required', 'spec.containers[0].volumeMounts[0].name:NotFound'])
  })
})
