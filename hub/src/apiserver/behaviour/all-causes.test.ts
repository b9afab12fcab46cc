import { describe, expect, it } from 'vitest'
import { createTestApi, type Json, pod } from '../testing/api.ts'
import { workload } from '../testing/examples.ts'

const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

/** `field:reason` of each cause. */
export const causesOf = (body: Json): string[] =>
  (body.details?.causes ?? []).map(({ field, reason }: Json) => `${field}:${reason.replace('FieldValue', '')}`)

describe('all that is wrong with an object is told at once', () => {
  it('what is missing, what is none of a choice, and what the rules refuse', async () => {
    const { json } = await createTestApi()
    const body = pod('a', { restartPolicy: 'Sometimes', containers: [{ ports: [{ protocol: 'X', containerPort: -1 }] }] })
    const refused = await json('POST', pods, { body })
    expect(refused.code).toBe(422)
    expect(causesOf(refused.body).toSorted()).toEqual([
      'spec.containers[0].image:Required',
      'spec.containers[0].name:Required',
      'spec.containers[0].ports[0].containerPort:Invalid',
      'spec.containers[0].ports[0].protocol:NotSupported',
      'spec.restartPolicy:NotSupported',
    ])
  })

  it('and of times that nobody told nothing', async () => {
    const { json } = await createTestApi()
    const status = { conditions: [{ type: 'Ready', status: 'True' }] }
    await json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, status } })
    const { body } = await json('GET', '/api/v1/nodes/n')
    expect(body.status.conditions[0].lastHeartbeatTime).toBeNull()
    const refused = await json('PUT', '/api/v1/nodes/n', { body: { ...body, spec: { taints: [{ key: 'a', effect: 'X' }] } } })
    expect(causesOf(refused.body)).toEqual(['metadata.taints[0].effect:NotSupported'])
    const without = await json('PUT', '/api/v1/nodes/n', { body: { ...body, spec: { taints: [{ key: 'a' }] } } })
    expect(causesOf(without.body)).toEqual(['metadata.taints[0].effect:Required'])
  })

  it('by the paths of Kubernetes, also where it has a word twice', async () => {
    const { json } = await createTestApi()
    const scheduling = { tolerations: [{ operator: 'X', effect: 'Y' }, { operator: 'Equal' }] }
    const body = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'a' }, handler: 'a', scheduling }
    const refused = await json('POST', '/apis/node.k8s.io/v1/runtimeclasses', { body })
    expect(causesOf(refused.body).toSorted()).toEqual([
      'scheduling.tolerations.tolerations[0].effect:NotSupported',
      'scheduling.tolerations.tolerations[0].operator:Invalid',
      'scheduling.tolerations.tolerations[1].operator:Invalid',
    ])
  })

  it('but nothing of what is within a part that may not be there', async () => {
    const { json } = await createTestApi()
    const azureDisk = { kind: 'X', cachingMode: 'Y', diskName: 'd', diskURI: 'u' }
    const volumes = [{ name: 'v', emptyDir: {}, azureDisk }]
    const refused = await json('POST', pods, { body: pod('a', { volumes }) })
    expect(causesOf(refused.body)).toEqual(['spec.volumes[0].azureDisk:Forbidden'])
    const source = { persistentVolumeName: 'v', inlineVolumeSpec: { azureDisk, hostPath: { path: '/', type: 'X' } } }
    const body = {
      ...{ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name: 'a' } },
      spec: { attacher: 'a.b', nodeName: 'n', source },
    }
    const attached = await json('POST', '/apis/storage.k8s.io/v1/volumeattachments', { body })
    expect(causesOf(attached.body)).toEqual(['spec.source:Forbidden'])
  })

  it('of a patch also that it changes what may not change', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('a') })
    const contentType = 'application/merge-patch+json'
    const none = await json('PATCH', `${pods}/a`, { contentType, body: { spec: null } })
    expect(causesOf(none.body)).toEqual(['spec.containers:Required', 'spec.containers:Forbidden'])
    const empty = await json('PATCH', `${pods}/a`, { contentType, body: { spec: { containers: [{}] } } })
    expect(causesOf(empty.body)).toEqual(['spec.containers[0].name:Required', 'spec.containers[0].image:Required', 'spec:Forbidden'])
  })

  it('a selector that is missing is told with the labels that it does not find', async () => {
    const { json } = await createTestApi()
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: workload }
    await json('POST', deployments, { body: deployment })
    const contentType = 'application/merge-patch+json'
    const { code, body } = await json('PATCH', `${deployments}/a`, { contentType, body: { spec: { selector: null } } })
    expect(code).toBe(422)
    expect(new Set(causesOf(body))).toEqual(
      new Set(['spec.selector:Required', 'spec.template.metadata.labels:Invalid', 'spec.selector:Invalid']),
    )
  })

  it('a choice of the wrong JSON type is a body that cannot be read', async () => {
    const { json } = await createTestApi()
    for (const restartPolicy of [1, true, ['Always'], {}])
      expect(await json('POST', pods, { body: pod('a', { restartPolicy }) })).toMatchObject({ code: 400 })
  })

  it('whatever is said of a condition is taken', async () => {
    const { json } = await createTestApi()
    await json('POST', pods, { body: pod('a') })
    const conditions = [{ type: 'X', status: 'Maybe' }, { status: 'True' }]
    const taken = await json('PATCH', `${pods}/a/status`, { contentType: 'application/merge-patch+json', body: { status: { conditions } } })
    expect(taken).toMatchObject({ code: 200, body: { status: { conditions: [conditions[0], { type: '', status: 'True' }] } } })
  })
})
