import { describe, expect, it } from 'vitest'
import { createTestApi, nodeUser } from '../testing/api.ts'

const all = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
const local = '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews'
const listPods = { verb: 'list', resource: 'pods', namespace: 'default' }
const node = { user: 'system:node:n1', groups: ['system:nodes'] }

describe('what somebody else may do', () => {
  it('is answered as his own requests would be', async () => {
    const { json } = await createTestApi()
    const status = async (spec: object) => (await json('POST', all, { body: { spec } })).body.status
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }
    await json('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
      body: { metadata: { name: 'b' }, roleRef, subjects: [{ kind: 'Group', name: 'devs' }] },
    })
    expect(await status({ user: 'jo', groups: ['devs'], resourceAttributes: listPods })).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/default" of ClusterRole "cluster-admin" to Group "devs"',
    })
    expect(await status({ user: 'jo', resourceAttributes: listPods })).toEqual({ allowed: false })
    expect(await status({ ...node, resourceAttributes: listPods })).toEqual({
      allowed: false,
      reason: 'can only list/watch pods with spec.nodeName field selector',
    })
    const fieldSelector = { rawSelector: 'spec.nodeName=n1' }
    expect(await status({ ...node, resourceAttributes: { ...listPods, fieldSelector } })).toEqual({ allowed: true })
    expect(await status({ ...node, nonResourceAttributes: { path: '/metrics', verb: 'get' } })).toMatchObject({ allowed: false })
  })

  it('is asked about somebody', async () => {
    const { json } = await createTestApi()
    expect(await json('POST', all, { body: { spec: { resourceAttributes: listPods } } })).toMatchObject({
      code: 422,
      body: {
        message:
          'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
      },
    })
  })

  it('in a namespace is about that namespace alone', async () => {
    const { json } = await createTestApi()
    const told = async (spec: object, metadata: object = {}) =>
      (await json('POST', local, { body: { metadata, spec: { user: 'jo', ...spec } } })).body
    expect((await told({ resourceAttributes: listPods }, { namespace: 'default' })).status).toEqual({ allowed: false })
    expect((await told({ resourceAttributes: { ...listPods, namespace: 'other' } })).message).toContain(
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    )
    expect((await told({ nonResourceAttributes: { path: '/' } })).message).toContain(
      'spec.nonResourceAttributes: Invalid value: {"path":"/"}: disallowed on this kind of request',
    )
    expect((await told({ resourceAttributes: listPods }, { namespace: 'other' })).code).toBe(400)
  })

  it('is told to administrators and to nodes, which ask for those who ask them', async () => {
    const { json } = await createTestApi()
    const jo = { name: 'jo', groups: ['system:authenticated'] }
    for (const url of [all, local, '/apis/authentication.k8s.io/v1/tokenreviews']) {
      expect(await json('POST', url, { body: { spec: {} }, user: jo })).toMatchObject({ code: 403 })
      expect((await json('POST', url, { body: { spec: {} }, user: nodeUser('n1') })).code).not.toBe(403)
    }
  })
})

describe('who somebody is', () => {
  it('is told in every version that kubectl asks in', async () => {
    const { json } = await createTestApi()
    const user = { name: 'jo', groups: ['system:authenticated'], uid: 'u', extra: { team: ['a'] } }
    for (const version of ['v1', 'v1beta1', 'v1alpha1'])
      expect(await json('POST', `/apis/authentication.k8s.io/${version}/selfsubjectreviews`, { body: {}, user })).toMatchObject({
        code: 201,
        body: {
          apiVersion: `authentication.k8s.io/${version}`,
          status: { userInfo: { username: 'jo', groups: user.groups, uid: 'u', extra: user.extra } },
        },
      })
    const { versions, preferredVersion } = (await json('GET', '/apis/authentication.k8s.io')).body
    expect([versions.length, preferredVersion.version]).toEqual([3, 'v1'])
  })

  it('is told by no token that nobody gave', async () => {
    const { json } = await createTestApi()
    const url = '/apis/authentication.k8s.io/v1/tokenreviews'
    expect(await json('POST', url, { body: { spec: { token: 'x' } } })).toMatchObject({
      code: 201,
      body: { status: { error: 'invalid bearer token' } },
    })
    expect(await json('POST', url, { body: { spec: {} } })).toMatchObject({ code: 400 })
  })
})
