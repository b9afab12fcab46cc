import { describe, expect, it } from 'vitest'
import { createTestApi, nodeUser, pod } from '../testing/api.ts'

const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
const pods = '/api/v1/namespaces/default/pods?dryRun=All'
const priorityClass = (name: string, value: number, more: object = {}) => ({
  ...{ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value },
  ...more,
})

describe('priority classes', () => {
  it('of the system are there from the start and stay', async () => {
    const { json } = await createTestApi()
    const { body } = await json('GET', classes)
    expect(body.items.map(({ metadata, value }: { metadata: { name: string }; value: number }) => [metadata.name, value])).toEqual([
      ['system-cluster-critical', 2_000_000_000],
      ['system-node-critical', 2_000_001_000],
    ])
    expect(await json('DELETE', `${classes}/system-node-critical`)).toMatchObject({
      code: 403,
      body: {
        message:
          'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
      },
    })
  })

  it('give their pods their priority, and who names none that of the default', async () => {
    const { json } = await createTestApi()
    const specOf = async (spec: Record<string, unknown>) => {
      const { code, body } = await json('POST', pods, { body: pod('a', spec) })
      return code === 201
        ? [body.spec.priorityClassName, body.spec.priority, body.spec.preemptionPolicy]
        : [code, body.message.replace(/.* is forbidden: /, '')]
    }
    expect(await specOf({})).toEqual([undefined, 0, 'PreemptLowerPriority'])
    expect(await specOf({ priorityClassName: 'high' })).toEqual([403, 'no PriorityClass with name high was found'])
    await json('POST', classes, { body: priorityClass('high', 1000, { preemptionPolicy: 'Never' }) })
    expect(await specOf({ priorityClassName: 'high' })).toEqual(['high', 1000, 'Never'])
    const computed = 'must not be provided in pod spec; priority admission controller computed'
    const from = 'from the given PriorityClass name'
    expect(await specOf({ priorityClassName: 'high', priority: 5 })).toEqual([
      403,
      `the integer value of priority (5) ${computed} 1000 ${from}`,
    ])
    expect(await specOf({ priorityClassName: 'high', preemptionPolicy: 'PreemptLowerPriority' })).toEqual([
      403,
      `the string value of PreemptionPolicy (PreemptLowerPriority) ${computed} Never ${from}`,
    ])
    await json('POST', classes, { body: priorityClass('usual', 7, { globalDefault: true }) })
    expect(await specOf({})).toEqual(['usual', 7, 'PreemptLowerPriority'])
    await json('DELETE', `${classes}/usual`)
    expect(await specOf({})).toEqual([undefined, 0, 'PreemptLowerPriority'])
  })

  it('have one default among them', async () => {
    const { json } = await createTestApi()
    await json('POST', classes, { body: priorityClass('usual', 7, { globalDefault: true }) })
    const { code, body } = await json('POST', classes, { body: priorityClass('other', 8, { globalDefault: true }) })
    expect([code, body.message]).toEqual([
      403,
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    ])
    const merge = 'application/merge-patch+json'
    expect(await json('PATCH', `${classes}/usual`, { body: { description: 'x' }, contentType: merge })).toMatchObject({ code: 200 })
  })
})

describe('PUT of what is not there', () => {
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'
  const role = (metadata: object = { name: 'a' }) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata })

  it('makes it where Kubernetes does, and says so', async () => {
    const { json } = await createTestApi()
    expect(await json('PUT', `${roles}/a?dryRun=All`, { body: role() })).toMatchObject({ code: 201 })
    expect(await json('GET', `${roles}/a`)).toMatchObject({ code: 404 })
    expect(await json('PUT', `${roles}/a`, { body: role() })).toMatchObject({ code: 201, body: { metadata: { name: 'a' } } })
    expect(await json('PUT', `${roles}/a`, { body: role() })).toMatchObject({ code: 200 })
    expect(await json('PUT', `${roles}/b`, { body: role() })).toMatchObject({
      code: 400,
      body: { message: 'the name of the object (a) does not match the name on the URL (b)' },
    })
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' }, spec: { holderIdentity: 'h' } }
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    expect(await json('PUT', `${leases}/l`, { body: lease })).toMatchObject({ code: 201 })
    expect(await json('PUT', `${leases}/l`, { body: lease })).toMatchObject({ code: 422 })
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
    expect(await json('PUT', '/api/v1/namespaces/default/configmaps/c', { body: configMap })).toMatchObject({ code: 404 })
  })

  it('is for whoever may make it', async () => {
    const { json } = await createTestApi()
    const user = nodeUser('n1')
    const lease = (name: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name } })
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
    await json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } } })
    expect(await json('PUT', `${leases}/n1`, { body: lease('n1'), user })).toMatchObject({ code: 201 })
    expect(await json('PUT', `${leases}/n2`, { body: lease('n2'), user })).toMatchObject({ code: 403 })
    expect(await json('PUT', `${roles}/a`, { body: role(), user })).toMatchObject({ code: 403 })
    const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, involvedObject: { namespace: 'default' } }
    expect(await json('PUT', '/api/v1/namespaces/default/events/e', { body: event, user })).toMatchObject({ code: 201 })
  })
})

it('a node neither reads nor writes roles, bindings and classes', async () => {
  const { json } = await createTestApi()
  for (const path of ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']) {
    const url = `/apis/rbac.authorization.k8s.io/v1/${path.startsWith('cluster') ? '' : 'namespaces/default/'}${path}`
    expect(await json('GET', url, { user: nodeUser('n1') })).toMatchObject({ code: 403 })
    expect(await json('POST', url, { user: nodeUser('n1'), body: {} })).toMatchObject({ code: 403 })
  }
  expect(await json('POST', classes, { user: nodeUser('n1'), body: priorityClass('a', 1) })).toMatchObject({ code: 403 })
})
