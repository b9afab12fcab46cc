import { type Pod, pods as podKind } from '@bramble/shared/kinds/pod.ts'
import { describe, expect, it } from 'vitest'
import { hubParts } from '../authz/hub-parts.ts'
import { originOfPart } from '../objects/origin.ts'
import { createRegistry } from '../objects/registry.ts'
import { createTestApi, type Json, nodeUser, pod } from '../testing/api.ts'

const user = nodeUser('n1')
const pods = '/api/v1/namespaces/default/pods'
const merge = 'application/merge-patch+json'
const mirror = { 'kubernetes.io/config.mirror': 'x' }

/** The node n1 and a foreign one, each with a pod. */
async function cluster() {
  const api = await createTestApi()
  const { json } = api
  const made = async (url: string, body: object): Promise<Json> => {
    const { code, body: object } = await json('POST', url, { body })
    expect([code, object.message]).toEqual([201, undefined])
    return object
  }
  const uid = (await made('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } })).metadata.uid
  await made('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } })
  await made(pods, pod('own', { nodeName: 'n1' }, { labels: { a: 'b' } }))
  await made(pods, pod('foreign', { nodeName: 'n2' }))
  /** As the node: the code, and why not. */
  const asNode = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object) => {
    const { code, body: answer } = await json(method, url, { user, body, ...(method === 'PATCH' && { contentType: merge }) })
    return code < 400 ? 'done' : String(answer.message).replace(/^\S+ "[^"]*" is forbidden: /, '')
  }
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true }
  return { ...api, made, asNode, owner }
}

it('a node has no business at /metrics; other paths it may read', async () => {
  const { asNode } = await cluster()
  for (const path of ['/metrics', '/metrics/', '/metrics/cadvisor']) expect(await asNode('GET', path), path).toContain('cannot get path')
  for (const path of ['/openapi/v3', '/version', '/apis/apps/v1']) expect(await asNode('GET', path), path).toBe('done')
})

describe('of pods a node', () => {
  it('makes mirrors of its own, which name nothing else', async () => {
    const { asNode, owner } = await cluster()
    const spec = { nodeName: 'n1', automountServiceAccountToken: false }
    const make = (name: string, more: Record<string, unknown>, metadata: Record<string, unknown> = {}) =>
      asNode('POST', pods, pod(name, { ...spec, ...more }, { annotations: mirror, ownerReferences: [owner], ...metadata }))
    const volume = (source: object) => ({ volumes: [{ name: 'v', ...source }] })
    expect(await make('a', {}, { annotations: {} })).toBe(
      'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    )
    expect(await make('a', { nodeName: 'n2' })).toBe('node "n1" can only create pods with spec.nodeName set to itself')
    expect(await make('a', {}, { ownerReferences: [] })).toBe('node "n1" can only create pods with an owner reference set to itself')
    expect(await make('a', {}, { ownerReferences: [{ ...owner, name: 'n2' }] })).toBe(
      'node "n1" can only create pods with an owner reference set to itself',
    )
    expect(await make('a', {}, { ownerReferences: [owner, { ...owner, uid: 'x', controller: false }] })).toBe(
      'node "n1" can only create pods with a single owner reference set to itself',
    )
    expect(await make('a', {}, { ownerReferences: [{ ...owner, controller: false }] })).toBe(
      'node "n1" can only create pods with a controller owner reference set to itself',
    )
    expect(await make('a', {}, { ownerReferences: [{ ...owner, blockOwnerDeletion: true }] })).toBe(
      'node "n1" must not set blockOwnerDeletion on an owner reference',
    )
    expect(await make('a', {}, { ownerReferences: [{ ...owner, uid: 'other' }] })).toMatch(/^node n1 UID mismatch: expected other got /)
    expect(await make('a', { serviceAccountName: 'default' })).toBe('node "n1" can not create pods that reference a service account')
    expect(await make('a', volume({ secret: { secretName: 's' } }))).toBe('node "n1" can not create pods that reference secrets')
    expect(await make('a', { imagePullSecrets: [{ name: 's' }] })).toBe('node "n1" can not create pods that reference secrets')
    expect(await make('a', volume({ configMap: { name: 'c' } }))).toBe('node "n1" can not create pods that reference configmaps')
    expect(await make('a', volume({ persistentVolumeClaim: { claimName: 'c' } }))).toBe(
      'node "n1" can not create pods that reference persistentvolumeclaims',
    )
    expect(await make('a', {})).toBe('done')
  })

  it('ends and evicts those bound to it', async () => {
    const { asNode } = await cluster()
    expect(await asNode('DELETE', `${pods}/foreign`)).toBe('node "n1" can only delete pods with spec.nodeName set to itself')
    const eviction = (name: string) => asNode('POST', `${pods}/${name}/eviction`, { metadata: { name } })
    expect(await eviction('foreign')).toBe('node n1 can only evict pods with spec.nodeName set to itself')
    expect(await eviction('own')).toBe('done')
    expect(await asNode('DELETE', `${pods}/own`)).toBe('done')
    expect(await asNode('DELETE', `${pods}/gone`)).toBe('pods "gone" not found')
  })

  it('tells the status of those bound to it, and changes nothing else', async () => {
    const { asNode } = await cluster()
    const tell = (name: string, body: object) => asNode('PATCH', `${pods}/${name}/status`, body)
    const status = { phase: 'Running' }
    expect(await tell('own', { status })).toBe('done')
    expect(await tell('foreign', { status })).toBe('node "n1" can only update pod status for pods with spec.nodeName set to itself')
    expect(await tell('gone', { status })).toBe('pods "gone" not found')
    expect(await tell('own', { metadata: { labels: { a: 'c' } }, status })).toBe('node "n1" cannot update labels through pod status')
    expect(await tell('own', { metadata: { annotations: { a: 'c' } }, status })).toBe(
      'node "n1" cannot update annotations through pod status',
    )
    expect(await asNode('PATCH', `${pods}/own`, { metadata: { labels: { a: 'c' } } })).toContain('cannot patch resource "pods"')
    expect(await asNode('DELETE', pods)).toContain('cannot deletecollection resource "pods"')
  })
})

describe('of Nodes a node', () => {
  const nodes = '/api/v1/nodes'
  it('makes and changes its own', async () => {
    const { asNode, json } = await cluster()
    await json('DELETE', `${nodes}/n1`)
    const make = (name: string, labels: Record<string, string> = {}) =>
      asNode('POST', nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
    expect(await make('n3')).toBe('node "n1" is not allowed to modify node "n3"')
    expect(await make('n1', { 'kubernetes.io/role': 'a', 'node-restriction.kubernetes.io/a': 'b' })).toBe(
      'node "n1" is not allowed to set the following labels: kubernetes.io/role, node-restriction.kubernetes.io/a',
    )
    expect(await make('n1', { 'kubernetes.io/os': 'linux', 'node.kubernetes.io/a': 'b', 'example.com/a': 'b' })).toBe('done')
    const change = (name: string, body: object, sub = '') => asNode('PATCH', `${nodes}/${name}${sub}`, body)
    expect(await change('n2', { metadata: { labels: { a: 'b' } } })).toBe('node "n1" is not allowed to modify node "n2"')
    expect(await change('n2', { status: { conditions: [] } }, '/status')).toBe('node "n1" is not allowed to modify node "n2"')
    expect(await change('n1', { metadata: { labels: { 'kubernetes.io/os': 'other' } } })).toBe('done')
    expect(await change('n1', { metadata: { labels: { 'x.k8s.io/a': 'b' } } })).toBe('is not allowed to modify labels: x.k8s.io/a')
    expect(await change('n1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })).toBe('node "n1" is not allowed to modify taints')
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'n2', uid: 'u' }]
    expect(await change('n1', { metadata: { ownerReferences } })).toBe('node "n1" is not allowed to modify ownerReferences')
    expect(await change('n1', { status: { nodeInfo: { kubeletVersion: 'v1' } } }, '/status')).toBe('done')
    expect(await asNode('DELETE', `${nodes}/n1`)).toContain('cannot delete resource "nodes"')
  })
})

describe('of Leases and CSINodes a node', () => {
  it('has its own', async () => {
    const { asNode, made } = await cluster()
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
    const lease = (name: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } })
    expect(await asNode('POST', leases, lease('n1'))).toBe('done')
    expect(await asNode('POST', leases, lease('n2'))).toBe('can only access node lease with the same name as the requesting node')
    expect(await asNode('POST', leases.replace('kube-node-lease', 'default'), lease('n1'))).toContain(
      'can only access leases in the "kube-node-lease" system namespace',
    )
    const csiNodes = '/apis/storage.k8s.io/v1/csinodes'
    const csiNode = (name: string) => ({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers: [] } })
    expect(await asNode('POST', csiNodes, csiNode('n1'))).toBe('done')
    expect(await asNode('POST', csiNodes, csiNode('n2'))).toBe('can only access CSINode with the same name as the requesting node')
    await made(csiNodes, csiNode('n2'))
    expect(await asNode('DELETE', `${csiNodes}/n2`)).toContain('can only access CSINode with the same name as the requesting node')
    expect(await asNode('DELETE', `${csiNodes}/n1`)).toBe('done')
  })
})

describe('of volumes a node', () => {
  const claims = '/api/v1/namespaces/default/persistentvolumeclaims'
  const size = { storage: '1Gi' }
  const claim = (name: string, volumeName?: string) => ({
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: size }, ...(volumeName !== undefined && { volumeName }) },
  })
  const volume = (name: string, claimed: string) => ({
    ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name } },
    spec: {
      ...{ accessModes: ['ReadWriteOnce'], capacity: size, claimRef: { namespace: 'default', name: claimed } },
      csi: {
        ...{ driver: 'csi.example.com', volumeHandle: name },
        nodePublishSecretRef: { name: `${name}-mount`, namespace: 'kube-system' },
        controllerPublishSecretRef: { name: `${name}-attach`, namespace: 'kube-system' },
      },
    },
  })
  async function withVolumes() {
    const api = await cluster()
    for (const name of ['mine', 'theirs']) {
      await api.made(claims, claim(name, `of-${name}`))
      await api.made('/api/v1/persistentvolumes', volume(`of-${name}`, name))
      for (const secret of ['mount', 'attach'])
        await api.made('/api/v1/namespaces/kube-system/secrets', {
          ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: `of-${name}-${secret}` } },
        })
    }
    return api
  }

  it('sees those that its pods mount, the Secrets by which it mounts them, and its own attachments', async () => {
    const { asNode, made, store } = await withVolumes()
    // The API takes no such pod yet.
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'mine' } }]
    const mounting = pod('mounting', { nodeName: 'n1', volumes }, { namespace: 'default', uid: 'u' }) as unknown as Pod
    const origin = originOfPart(hubParts.apiserver, 'create')
    await createRegistry({ store }).create({ kind: podKind, origin, object: mounting, owners: undefined })
    const secret = (name: string) => `/api/v1/namespaces/kube-system/secrets/${name}`
    for (const url of [`${claims}/mine`, '/api/v1/persistentvolumes/of-mine', secret('of-mine-mount')])
      expect(await asNode('GET', url), url).toBe('done')
    const foreign = [`${claims}/theirs`, '/api/v1/persistentvolumes/of-theirs', secret('of-theirs-mount'), secret('of-mine-attach')]
    for (const url of foreign) expect(await asNode('GET', url), url).toContain("no relationship found between node 'n1' and this object")
    for (const node of ['n1', 'n2'])
      await made('/apis/storage.k8s.io/v1/volumeattachments', {
        ...{ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name: node } },
        spec: { attacher: 'csi.example.com', nodeName: node, source: { persistentVolumeName: 'of-mine' } },
      })
    expect(await asNode('GET', '/apis/storage.k8s.io/v1/volumeattachments/n1')).toBe('done')
    expect(await asNode('GET', '/apis/storage.k8s.io/v1/volumeattachments/n2')).toContain('no relationship found')

    const tell = (name: string, body: object) => asNode('PATCH', `${claims}/${name}/status`, body)
    expect(await tell('mine', { status: { capacity: size } })).toBe('done')
    expect(await tell('theirs', { status: { capacity: size } })).toContain("no relationship found between node 'n1' and this object")
    const refused = 'node "n1" is not allowed to update fields other than status.capacity and status.conditions'
    expect(await tell('mine', { status: { phase: 'Lost' } })).toBe(refused)
    expect(await tell('mine', { metadata: { labels: { a: 'b' } }, status: { capacity: size } })).toBe(refused)
  })
})
