import { describe, expect, it } from 'vitest'
import { posted } from '../routes/routes.ts'
import { binding, bindingsAt, policiesAt, policy } from '../testing/admission-policy.ts'
import { type Answer, configuration, configurationsAt, patchOf, rule, webhooksAnswering } from '../testing/admission-webhook.ts'
import { createTestApi, type Json, pod } from '../testing/api.ts'

const pods = '/api/v1/namespaces/default/pods'
const created = posted.filter(({ verbs }) => verbs.create !== undefined)
const reviews = created.filter(({ type }) => type.resource !== 'bindings')

async function apiWith(answer: Answer, webhook: object, of: 'mutating' | 'validating' = 'validating') {
  const { asked, post } = webhooksAnswering(answer)
  const api = await createTestApi({ postToWebhook: post })
  const body = configuration(of === 'mutating' ? 'Mutating' : 'Validating', 'a', webhook)
  expect((await api.json('POST', configurationsAt(of), { body })).code).toBe(201)
  await api.json('POST', pods, { body: pod('p') })
  asked.length = 0
  return { ...api, asked }
}

type Type = (typeof posted)[number]
const pathOf = ({ type: { group, version, resource }, namespaced }: Type) =>
  `${group === '' ? '/api' : `/apis/${group}`}/${version}/${namespaced ? 'namespaces/default/' : ''}${resource}`
/** One that is answered. */
const bodyOf = ({ type: { group, version, kind, resource } }: Type): Json => ({
  apiVersion: group === '' ? version : `${group}/${version}`,
  kind,
  ...(resource === 'bindings' && { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }),
  ...(resource === 'tokenreviews' && { spec: { token: 'x' } }),
  ...(resource === 'selfsubjectrulesreviews' && { spec: { namespace: 'default' } }),
  ...(resource.endsWith('accessreviews') && {
    spec: {
      resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' },
      ...(!resource.startsWith('self') && { user: 'jo' }),
    },
  }),
})
const kubectlOf = (one: Type) => `${one.type.resource}.${one.type.version}.${one.type.group}`

describe('what is posted and kept nowhere', () => {
  it('is all of this', () => {
    expect([...new Set(created.map(({ type }) => type.resource))].toSorted()).toEqual([
      ...['bindings', 'localsubjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectreviews'],
      ...['selfsubjectrulesreviews', 'subjectaccessreviews', 'tokenreviews'],
    ])
  })

  it.each(created.map((one) => [kubectlOf(one), one] as const))('%s is created, and webhooks are asked first', async (_name, one) => {
    const { json, asked } = await apiWith(() => undefined, { rules: [rule(one.type.resource, ['CREATE'])] })
    const body = bodyOf(one)
    expect((await json('POST', pathOf(one), { body })).code).toBe(201)
    const { group, version, kind, resource } = one.type
    expect(asked.map(({ request }) => request)).toMatchObject([
      {
        kind: { group, version, kind },
        resource: { group, version, resource },
        requestResource: { group, version, resource },
        operation: 'CREATE',
        object: { kind, ...(body.spec !== undefined && { spec: body.spec }) },
        oldObject: null,
        dryRun: false,
        options: { kind: 'CreateOptions' },
        ...(one.namespaced && { namespace: 'default' }),
      },
    ])
    const { name, subResource, object } = asked[0].request
    expect([name, subResource, object.metadata.name]).toEqual(
      resource === 'bindings' ? ['p', undefined, 'p'] : [undefined, undefined, undefined],
    )
  })

  it.each(created.map((one) => [kubectlOf(one), one] as const))('%s that a webhook refuses is not answered', async (_name, one) => {
    const { json } = await apiWith(() => ({ allowed: false, status: { code: 403, message: 'no' } }), { rules: [rule(one.type.resource)] })
    const { code, body } = await json('POST', pathOf(one), { body: bodyOf(one) })
    expect([code, body.message]).toEqual([403, 'admission webhook "a.example.com" denied the request: no'])
    expect((await json('GET', `${pods}/p`)).body.spec.nodeName).toBeUndefined()
  })

  const severalVersions = created.filter((one) => created.some(({ type }) => type !== one.type && type.resource === one.type.resource))
  it('is of several versions only in these', () => {
    expect(severalVersions.map(({ type: { resource, version } }) => `${resource} ${version}`).toSorted()).toEqual([
      ...['selfsubjectreviews v1', 'selfsubjectreviews v1alpha1', 'selfsubjectreviews v1beta1'],
    ])
  })

  it.each(severalVersions.map((one) => [kubectlOf(one), one] as const))(
    '%s meets rules about any of its versions, and is shown in that',
    async (_name, one) => {
      const { group, version: own, kind, resource } = one.type
      for (const {
        type: { version },
      } of severalVersions) {
        const rules = [rule(resource, ['CREATE'], { apiGroups: [group], apiVersions: [version] })]
        for (const of of ['mutating', 'validating'] as const) {
          const answer: Answer = () => (of === 'mutating' ? patchOf({ op: 'add', path: '/metadata/labels', value: { a: 'b' } }) : undefined)
          const { json, asked } = await apiWith(answer, { rules }, of)
          const { code, body } = await json('POST', pathOf(one), { body: bodyOf(one) })
          expect([code, body.apiVersion, body.kind]).toEqual([201, `${group}/${own}`, kind])
          expect(asked.map(({ request }) => request)).toMatchObject([
            {
              ...{ kind: { group, version, kind }, resource: { group, version, resource } },
              ...{ requestKind: { group, version: own, kind }, requestResource: { group, version: own, resource } },
              object: { apiVersion: `${group}/${version}`, kind },
            },
          ])
        }
        const exact = await apiWith(() => undefined, { rules, matchPolicy: 'Exact' })
        expect((await exact.json('POST', pathOf(one), { body: bodyOf(one) })).code).toBe(201)
        expect(exact.asked).toHaveLength(version === own ? 1 : 0)
      }
    },
  )

  it('is answered as it was changed', async () => {
    const answer: Answer = () => patchOf({ op: 'replace', path: '/spec/user', value: 'system:kube-scheduler' })
    const { json, bind } = await apiWith(answer, { rules: [rule('subjectaccessreviews')] }, 'mutating')
    await bind('view', { kind: 'User', name: 'jo' })
    const body = {
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      spec: { user: 'jo', resourceAttributes: { verb: 'create', resource: 'pods', subresource: 'binding' } },
    }
    const { code, body: answered } = await json('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body })
    expect([code, answered.spec.user, answered.status.allowed]).toEqual([201, 'system:kube-scheduler', true])
  })

  it('is not asked about before its sender is known to be allowed', async () => {
    const { json, asked } = await apiWith(() => undefined, {})
    const jo = { name: 'jo', groups: ['system:authenticated'] }
    for (const one of created.filter(({ type }) => !type.resource.startsWith('self')))
      expect((await json('POST', pathOf(one), { user: jo, body: bodyOf(one) })).code).toBe(403)
    expect(asked).toEqual([])
  })
})

describe('a policy about everything', () => {
  async function apiWithPolicy() {
    const api = await createTestApi()
    const matchConstraints = { resourceRules: [rule('*/*', ['CREATE'])] }
    await api.json('POST', pods, { body: pod('p') })
    const refusing = policy('p', { matchConstraints, validations: [{ expression: 'false', message: 'no' }] })
    expect((await api.json('POST', policiesAt(), { body: refusing })).code).toBe(201)
    expect((await api.json('POST', bindingsAt(), { body: binding('p') })).code).toBe(201)
    return api
  }

  it.each(reviews.map((one) => [kubectlOf(one), one] as const))('has no say in %s, as in Kubernetes', async (_name, one) => {
    const { json } = await apiWithPolicy()
    expect((await json('POST', pathOf(one), { body: bodyOf(one) })).code).toBe(201)
  })

  it.each(['/api/v1/namespaces/default/bindings', `${pods}/p/binding`])('has one in a binding, posted to %s', async (path) => {
    const { json } = await apiWithPolicy()
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
    const { code } = await json('POST', path, { body })
    expect([code, (await json('GET', `${pods}/p`)).body.spec.nodeName]).toEqual([422, undefined])
  })
})

it('a rule about the bindings of pods holds for the older way to bind as well', async () => {
  const { json, asked } = await apiWith(() => ({ allowed: false }), { rules: [rule('pods/binding')] })
  const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
  expect((await json('POST', '/api/v1/namespaces/default/bindings', { body })).code).toBe(400)
  expect(asked.map(({ request }) => [request.resource.resource, request.subResource])).toEqual([['pods', 'binding']])
})
