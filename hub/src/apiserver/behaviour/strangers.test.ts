import { describe, expect, it } from 'vitest'
import { anonymous } from '../authn/client-certificate.ts'
import { createTestApi, type Json } from '../testing/api.ts'

const open = ['/healthz', '/livez', '/readyz', '/version', '/version/']

/** Every path that the hub tells of, and every list behind it. */
async function allPaths(json: Awaited<ReturnType<typeof createTestApi>>['json']): Promise<readonly string[]> {
  const { paths } = (await json('GET', '/')).body as { paths: readonly string[] }
  const lists = await Promise.all(
    paths
      .filter((path) => /^\/api\/v1$|^\/apis\/[^/]+\/[^/]+$/.test(path))
      .map(async (path) => ((await json('GET', path)).body.resources as Json[]).map(({ name }) => `${path}/${String(name).split('/')[0]}`)),
  )
  return [...new Set([...paths, ...lists.flat()])]
}

/** Binds everything to those who are nobody: a mistake that is made. */
const everythingTo = (name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'too-much' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name }],
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
})

it('a stranger is told whether there is a hub, and nothing else, whatever is bound to strangers', async () => {
  const { json, ask } = await createTestApi()
  const body = everythingTo('system:unauthenticated')
  expect((await json('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { body })).code).toBe(201)
  const told: string[] = []
  const paths = await allPaths(json)
  expect(paths.length).toBeGreaterThan(100)
  for (const path of [...paths, ...open, '/readyz/ping', '/livez/ping', '/metrics', '/openapi/v2', '/nowhere']) {
    const { status } = await ask('GET', path, { user: anonymous })
    if (status !== 401) told.push(path)
  }
  expect([...new Set(told)].toSorted()).toEqual(open)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
    for (const path of open) expect((await ask(method, path, { user: anonymous, body: {} })).status, `${method} ${path}`).toBe(401)
})

it('nothing that profiles is served to anybody', async () => {
  const { json } = await createTestApi()
  const paths = await allPaths(json)
  expect(paths.filter((path) => /debug|pprof|profile|flagz|statusz|configz/.test(path))).toEqual([])
  for (const path of ['/debug', '/debug/pprof', '/debug/pprof/heap', '/debug/flags/v', '/configz', '/flagz', '/statusz', '/logs'])
    expect((await json('GET', path)).code, path).toBe(404)
})

describe('a user without roles may do nothing of this:', () => {
  it.each<[string, 'GET' | 'POST' | 'PUT', string]>([
    ['read Secrets', 'GET', '/api/v1/secrets'],
    ['make pods', 'POST', '/api/v1/namespaces/default/pods'],
    ['make volumes', 'POST', '/api/v1/persistentvolumes'],
    ['ask a node by way of the hub', 'GET', '/api/v1/nodes/a/proxy/pods'],
    ['approve certificates', 'PUT', '/apis/certificates.k8s.io/v1/certificatesigningrequests/a/approval'],
    ['install validating webhooks', 'POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'],
    ['install mutating webhooks', 'POST', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'],
    ['take tokens of accounts', 'POST', '/api/v1/namespaces/default/serviceaccounts/default/token'],
    ['bind roles', 'POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings'],
    ['read metrics', 'GET', '/metrics'],
  ])('%s', async (_what, method, path) => {
    const { json } = await createTestApi()
    const user = { name: 'jo', groups: ['system:authenticated'] }
    expect((await json(method, path, { user, ...(method !== 'GET' && { body: {} }) })).code).toBe(403)
    const account = { name: 'system:serviceaccount:default:default', groups: ['system:serviceaccounts', 'system:authenticated'] }
    expect((await json(method, path, { user: account, ...(method !== 'GET' && { body: {} }) })).code).toBe(403)
  })
})
