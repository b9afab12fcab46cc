import type { Method, User } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { isMaster } from '../masters.ts'
import { createTestApi } from '../../testing/api.ts'

const group = '/apis/rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const jo: User = { name: 'jo', groups: ['devs', 'system:authenticated'] }

type Rule = Readonly<Record<string, readonly string[]>>

/** Gives rules to jo, everywhere and in the namespace default, and asks what she may then. */
async function given({ everywhere = [], inDefault = [] }: { everywhere?: readonly Rule[]; inDefault?: readonly Rule[] }, user = jo) {
  const api = await createTestApi()
  const make = async (path: string, body: object) => expect((await api.json('POST', `${group}${path}`, { body })).code).toBe(201)
  const subjects = [{ kind: 'User', name: 'jo' }]
  const bound = (kind: string) => ({ metadata: { name: 'b' }, subjects, roleRef: { apiGroup, kind, name: 'r' } })
  await make('/clusterroles', { metadata: { name: 'r' }, rules: everywhere })
  await make('/clusterrolebindings', bound('ClusterRole'))
  await make('/namespaces/default/roles', { metadata: { name: 'r' }, rules: inDefault })
  await make('/namespaces/default/rolebindings', bound('Role'))
  /** Whether the door lets it in. */
  const may = async (method: Method, url: string) => {
    const stop = new AbortController()
    const { status } = await api.ask(method, url, { user, ...(method !== 'GET' && { body: 'no JSON' }), signal: stop.signal })
    stop.abort()
    return status !== 403
  }
  return { ...api, may }
}

describe('a rule allows', () => {
  const pods = '/api/v1/namespaces/default/pods'
  const cases: readonly { rule: Rule; yes: readonly (readonly [Method, string])[]; no: readonly (readonly [Method, string])[] }[] = [
    {
      rule: { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      yes: [['GET', `${pods}/a`]],
      no: [
        ...([
          ['GET', pods],
          ['GET', `${pods}/a/log`],
          ['GET', `${pods}/a/status`],
        ] as const),
        ['GET', '/apis/apps/v1/namespaces/default/deployments/a'],
      ],
    },
    {
      rule: { verbs: ['get'], apiGroups: [''], resources: ['pods/log'] },
      yes: [['GET', `${pods}/a/log`]],
      no: [
        ['GET', `${pods}/a`],
        ['GET', `${pods}/a/status`],
      ],
    },
    {
      rule: { verbs: ['*'], apiGroups: ['apps'], resources: ['*/scale'] },
      yes: [
        ['GET', '/apis/apps/v1/namespaces/default/deployments/a/scale'],
        ['PUT', '/apis/apps/v1/namespaces/default/replicasets/a/scale'],
      ],
      no: [
        ['GET', '/apis/apps/v1/namespaces/default/deployments/a'],
        ['GET', '/api/v1/namespaces/default/replicationcontrollers/a/scale'],
      ],
    },
    // As in Kubernetes this is no pattern.
    { rule: { verbs: ['*'], apiGroups: [''], resources: ['pods/*'] }, yes: [], no: [['GET', `${pods}/a/log`]] },
    {
      rule: { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      yes: [
        ['GET', `${pods}/a/log`],
        ['DELETE', '/apis/apps/v1/namespaces/default/deployments'],
      ],
      no: [['GET', '/metrics']],
    },
    {
      rule: { verbs: ['get', 'list', 'watch', 'update', 'create'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'] },
      yes: [
        ['GET', '/api/v1/namespaces/default/configmaps/a'],
        ['PUT', '/api/v1/namespaces/default/configmaps/a'],
        ['GET', '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Da'],
        ['GET', '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Da&watch=1'],
      ],
      no: [
        ['GET', '/api/v1/namespaces/default/configmaps/b'],
        ['GET', '/api/v1/namespaces/default/configmaps'],
        ['GET', '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Db'],
        ['GET', '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name!%3Da'],
        // What is made has no name yet for which one could be asked.
        ['POST', '/api/v1/namespaces/default/configmaps'],
      ],
    },
  ]
  it.each(cases)('$rule', async ({ rule, yes, no }) => {
    for (const where of ['everywhere', 'inDefault'] as const) {
      const { may } = await given({ [where]: [rule] })
      for (const [method, url] of yes) expect(await may(method, url), `${where}: ${method} ${url}`).toBe(true)
      for (const [method, url] of no) expect(await may(method, url), `${where}: ${method} ${url}`).toBe(false)
    }
  })

  it('in a namespace what a Role says, and nothing in another or in all', async () => {
    const { may } = await given({ inDefault: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] })
    expect(await may('GET', pods)).toBe(true)
    expect(await may('GET', '/api/v1/namespaces/default')).toBe(true)
    for (const url of ['/api/v1/pods', '/api/v1/namespaces/kube-system/pods', '/api/v1/namespaces/kube-system', '/api/v1/nodes'])
      expect(await may('GET', url), url).toBe(false)
  })

  it('a path, or all that begin with it', async () => {
    const { may } = await given({ everywhere: [{ verbs: ['get'], nonResourceURLs: ['/metrics', '/logs/*'] }] })
    expect(await may('GET', '/metrics')).toBe(true)
    expect(await may('GET', '/logs/')).toBe(true)
    expect(await may('GET', '/logs/a/b')).toBe(true)
    expect(await may('GET', '/metrics/a')).toBe(false)
    expect(await may('GET', '/logs')).toBe(false)
    expect(await may('DELETE', '/metrics')).toBe(false)
  })
})

describe('whoever is bound has it', () => {
  const url = '/api/v1/namespaces/default/configmaps'
  const rules = [{ verbs: ['list'], apiGroups: [''], resources: ['configmaps'] }]
  const account = (namespace: string) => ({ name: `system:serviceaccount:${namespace}:sa`, groups: ['system:authenticated'] })
  const cases: readonly [string, object, User, boolean][] = [
    ['by name', { kind: 'User', name: 'jo' }, jo, true],
    ['by a group', { kind: 'Group', name: 'devs' }, jo, true],
    ['not as a user with the name of a group', { kind: 'User', name: 'devs' }, jo, false],
    ['not in a group with the name of a user', { kind: 'Group', name: 'jo' }, jo, false],
    ['as a service account', { kind: 'ServiceAccount', name: 'sa', namespace: 'apps' }, account('apps'), true],
    ['not as one of another namespace', { kind: 'ServiceAccount', name: 'sa', namespace: 'apps' }, account('default'), false],
    ['as a service account of the namespace of the binding', { kind: 'ServiceAccount', name: 'sa' }, account('default'), true],
  ]
  it.each(cases)('%s', async (_, subject, user, expected) => {
    const { json } = await createTestApi()
    await json('POST', `${group}/clusterroles`, { body: { metadata: { name: 'r' }, rules } })
    const roleRef = { apiGroup, kind: 'ClusterRole', name: 'r' }
    const { code } = await json('POST', `${group}/namespaces/default/rolebindings`, {
      body: { metadata: { name: 'b' }, subjects: [subject], roleRef },
    })
    expect(code).toBe(201)
    expect((await json('GET', url, { user })).code).toBe(expected ? 200 : 403)
    expect((await json('GET', '/api/v1/namespaces/kube-system/configmaps', { user })).code).toBe(403)
  })

  it('from the moment in which it is written until it is taken away again, whichever of the two it is', async () => {
    const { json, may } = await given({ everywhere: rules })
    const put = (path: string, body: object) => json('PUT', `${group}/${path}`, { body })
    const role = (of: readonly object[]) => put('clusterroles/r', { metadata: { name: 'r' }, rules: of })
    const roleRef = { apiGroup, kind: 'ClusterRole', name: 'r' }
    const bind = (name: string) => put('clusterrolebindings/b', { metadata: { name: 'b' }, subjects: [{ kind: 'User', name }], roleRef })
    expect(await may('GET', url)).toBe(true)
    await role([])
    expect(await may('GET', url)).toBe(false)
    await role(rules)
    expect(await may('GET', url)).toBe(true)
    await bind('bo')
    expect(await may('GET', url)).toBe(false)
    await bind('jo')
    expect(await may('GET', url)).toBe(true)
    await json('DELETE', `${group}/clusterrolebindings/b`)
    expect(await may('GET', url)).toBe(false)
  })

  it('unless the role is not there, of which the refusal tells', async () => {
    const { json } = await given({ everywhere: rules })
    await json('DELETE', `${group}/clusterroles/r`)
    await json('DELETE', `${group}/namespaces/default/roles/r`)
    expect((await json('GET', url, { user: jo })).body.message).toBe(
      'configmaps is forbidden: User "jo" cannot list resource "configmaps" in API group "" in the namespace "default": RBAC: [clusterrole.rbac.authorization.k8s.io "r" not found, role.rbac.authorization.k8s.io "r" not found]',
    )
  })
})

describe('what everybody may', () => {
  it('who is known may look at what there is and ask about himself, and no more', async () => {
    const { may } = await given({})
    for (const url of ['/version', '/api', '/apis', '/apis/apps/v1', '/openapi/v2', '/openapi/v3', '/healthz'])
      expect(await may('GET', url), url).toBe(true)
    for (const kind of ['authorization.k8s.io/v1/selfsubjectaccessreviews', 'authentication.k8s.io/v1/selfsubjectreviews'])
      expect(await may('POST', `/apis/${kind}`), kind).toBe(true)
    for (const url of ['/metrics', '/api/v1/pods', '/api/v1/namespaces', '/api/v1/namespaces/default/secrets'])
      expect(await may('GET', url), url).toBe(false)
    expect(await may('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews')).toBe(false)
  })

  it('members of system:masters may do everything, also when no role is left', async () => {
    const { json } = await createTestApi()
    expect((await json('DELETE', `${group}/clusterrolebindings`)).code).toBe(200)
    expect((await json('DELETE', `${group}/clusterroles`)).code).toBe(200)
    expect((await json('GET', '/api/v1/secrets')).code).toBe(200)
  })

  it('but nobody who is a node, or one by half', () => {
    const isOne = (name: string, ...groups: string[]) => isMaster({ name, groups })
    expect(isOne('jo', 'system:masters')).toBe(true)
    expect(isOne('jo', 'system:masters', 'system:nodes')).toBe(false)
    expect(isOne('system:node:n1', 'system:masters')).toBe(false)
  })
})

describe('what somebody may, told as rules', () => {
  const review = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'
  it('are those that he has everywhere and in the namespace, with the names that they are limited to', async () => {
    const named = { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a'] }
    const { json } = await given({
      everywhere: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
      inDefault: [named],
    })
    const of = async (namespace: string) => (await json('POST', review, { user: jo, body: { spec: { namespace } } })).body.status
    expect((await of('default')).resourceRules).toContainEqual(named)
    expect((await of('kube-system')).resourceRules).not.toContainEqual(named)
    expect((await of('default')).nonResourceRules).toContainEqual({ verbs: ['get'], nonResourceURLs: ['/metrics'] })
    expect((await of('default')).incomplete).toBe(false)
  })

  it('are incomplete where a role is bound that is not there', async () => {
    const { json } = await given({})
    await json('DELETE', `${group}/clusterroles/r`)
    const { status } = (await json('POST', review, { user: jo, body: { spec: { namespace: 'default' } } })).body
    expect(status).toMatchObject({ incomplete: true, evaluationError: 'clusterrole.rbac.authorization.k8s.io "r" not found' })
  })

  it('are asked for in a namespace', async () => {
    const { json } = await createTestApi()
    const { code, body } = await json('POST', review, { body: { spec: {} } })
    expect([code, body.message]).toEqual([400, 'no namespace on request'])
  })
})
