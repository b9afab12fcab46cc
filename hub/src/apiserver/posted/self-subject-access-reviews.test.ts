import type { Method, User } from '@bramble/shared/api/api-request.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { describe, expect, it } from 'vitest'
import { nobody } from '../admission/dynamic.ts'
import { accountOf } from '../authn/client-certificate.ts'
import { masters } from '../authz/masters.ts'
import { createNodeAuthorizer } from '../authz/node-authorizer.ts'
import { createNodeGraph } from '../authz/node-graph.ts'
import { createRbacAuthorizer } from '../authz/rbac/rbac-authorizer.ts'
import { createRoleIndex } from '../authz/rbac/role-index.ts'
import type { Api } from '../call.ts'
import { createRegistry } from '../objects/registry.ts'
import { requestInfo } from '../query/request-info.ts'
import { writtenBy } from '../query/written-by.ts'
import { admin, createTestApi, jsonOf, nodeUser, pod } from '../testing/api.ts'
import { selfSubjectAccessReviews } from './self-subject-access-reviews.ts'

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
const pods = '/api/v1/namespaces/default/pods'

async function setUp() {
  const api = await createTestApi()
  await api.json('POST', pods, { body: pod('mine', { nodeName: 'n1' }) })
  await api.json('POST', pods, { body: pod('other', { nodeName: 'n2' }) })
  const registry = createRegistry({ store: api.store })
  const roles = createRbacAuthorizer(createRoleIndex({ registry, log: silentLog }))
  const authorizers = [masters, createNodeAuthorizer({ graph: createNodeGraph({ registry }) }), roles]
  /** As the door does it for who may ask; a node may not. */
  const review = async (spec: object, user: User) => {
    const body = { spec }
    const { signal } = new AbortController()
    const request = { method: 'POST', path: reviews, query: new URLSearchParams(), headers: {}, body, signal } as const
    const info = requestInfo(request.method, request.path, request.query)
    if (info.type === 'path') throw new Error('a review is a resource')
    const caller = { user, account: accountOf(user) }
    const asked = { api: { authorizers, dynamic: nobody } as unknown as Api, request, caller, info, warn: () => {} } // all that it asks of the server
    const answer = await selfSubjectAccessReviews.verbs.create?.({ ...asked, ...writtenBy(asked, 'create') })
    return jsonOf(answer ?? expect.unreachable('reviews are created')).status
  }
  return { ...api, review }
}

/** The question that is about the same as a request. */
function askedOf(method: Method, url: string): object {
  const [path = '', query = ''] = url.split('?')
  const info = requestInfo(method, path, new URLSearchParams(query))
  if (info.type === 'path') return { nonResourceAttributes: { path: info.path, verb: info.verb } }
  const { type: _, fields, ...attributes } = info
  const requirements = fields?.map(({ field, operator, value }) => ({
    key: field,
    operator: operator === '=' ? 'In' : 'NotIn',
    values: [value],
  }))
  return { resourceAttributes: { ...attributes, ...(requirements !== undefined && { fieldSelector: { requirements } }) } }
}

describe('what one may do', () => {
  const requests: readonly (readonly [Method, string])[] = [
    ['GET', '/api/v1/pods'],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1'],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&watch=1'],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn2'],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName!%3Dn1'],
    ['GET', `${pods}/mine`],
    ['GET', `${pods}/other`],
    ['GET', `${pods}/mine/log`],
    ['PATCH', `${pods}/mine/status`],
    ['PATCH', `${pods}/other/status`],
    ['POST', `${pods}/mine/binding`],
    ['POST', `${pods}/mine/eviction`],
    ['DELETE', `${pods}/mine`],
    ['DELETE', pods],
    ['GET', '/api/v1/nodes'],
    ['PATCH', '/api/v1/nodes/n1/status'],
    ['PATCH', '/api/v1/nodes/n2/status'],
    ['GET', '/api/v1/namespaces/default/secrets'],
    ['GET', '/api/v1/namespaces/default'],
    ['GET', '/metrics'],
    ['GET', '/openapi/v3'],
  ]
  it.each(requests)('is answered as the door answers: %s %s', async (method, url) => {
    for (const user of [nodeUser('n1'), admin]) {
      const { ask, review } = await setUp()
      const stop = new AbortController()
      const { status } = await ask(method, url, { user, ...(method !== 'GET' && { body: 'no JSON' }), signal: stop.signal })
      stop.abort()
      expect((await review(askedOf(method, url), user)).allowed, user.name).toBe(status !== 403)
    }
  })

  it('a selector is understood in both of its forms, and what is not insists on nothing', async () => {
    const { review } = await setUp()
    const may = async (fieldSelector: object) =>
      (await review({ resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector } }, nodeUser('n1'))).allowed
    const own = { key: 'spec.nodeName', operator: 'In', values: ['n1'] }
    expect(await may({ rawSelector: 'spec.nodeName=n1' })).toBe(true)
    expect(await may({ rawSelector: 'spec.nodeName=n2' })).toBe(false)
    expect(await may({ rawSelector: '=' })).toBe(false)
    expect(await may({ requirements: [own] })).toBe(true)
    expect(await may({ requirements: [{ ...own, values: ['n1', 'n2'] }] })).toBe(false)
    expect(await may({ requirements: [{ ...own, operator: 'Exists', values: [] }] })).toBe(false)
    await expect(may({ requirements: [own], rawSelector: 'spec.nodeName=n1' })).rejects.toMatchObject({ reason: 'Invalid' })
  })

  it('is asked about a resource or about a path', async () => {
    const { json } = await createTestApi()
    const told = async (body: object) => (await json('POST', reviews, { body })).body.message.replace(/.* is invalid: /, '')
    expect(await told({ spec: {} })).toBe(
      'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    )
    expect(await told({ spec: { resourceAttributes: {}, nonResourceAttributes: {} } })).toBe(
      'spec.nonResourceAttributes: Invalid value: {}: cannot be specified in combination with resourceAttributes',
    )
    expect(await told({ metadata: { name: 'a' }, spec: { resourceAttributes: { labelSelector: {} } } })).toBe(
      '[spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required, metadata: Invalid value: {"name":"a"}: must be empty]',
    )
  })
})
