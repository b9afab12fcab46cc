import type { User } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import {
  applyOf,
  binding,
  bindingsAt,
  mutatingAt,
  mutatingBinding,
  mutatingBindingsAt,
  mutatingPolicy,
  policiesAt,
  policy,
} from '../../testing/admission-policy.ts'
import { createTestApi } from '../../testing/api.ts'
import { definitionOf, definitionsAt } from '../../testing/definitions.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const jo: User = { name: 'jo', groups: ['devs', 'system:authenticated'] }
const secrets = { apiVersion: 'v1', kind: 'Secret' }
type Rule = Readonly<Record<string, readonly string[]>>
const may = (verb: string, resource: string, more: Rule = {}): Rule => ({ verbs: [verb], apiGroups: [''], resources: [resource], ...more })

/** Both sorts of policies, which are the same in what they read. */
const sorts = [
  {
    ...{ sort: 'validating', at: policiesAt, bindingsAt, binding },
    policy: (spec: object) => policy('p', { validations: [{ expression: 'true' }], ...spec }),
  },
  {
    ...{ sort: 'mutating', at: mutatingAt, bindingsAt: mutatingBindingsAt, binding: mutatingBinding },
    policy: (spec: object) => mutatingPolicy('p', { mutations: [applyOf('Object{}')], ...spec }),
  },
] as const

/** Jo writes policies and their bindings, and has no other rights than these: everywhere, and in the namespace `default`. */
async function joHas({ everywhere = [], inDefault = [] }: { everywhere?: readonly Rule[]; inDefault?: readonly Rule[] }) {
  const api = await createTestApi()
  const made = async (url: string, body: object) => {
    const { code, body: answer } = await api.json('POST', url, { body })
    expect(code, JSON.stringify(answer)).toBe(201)
  }
  const policies = { verbs: ['*'], apiGroups: ['admissionregistration.k8s.io'], resources: ['*'] }
  const subjects = [{ kind: 'User', name: 'jo' }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }
  await made(`${rbac}/clusterroles`, { metadata: { name: 'jo' }, rules: [policies, ...everywhere] })
  await made(`${rbac}/clusterroles`, { metadata: { name: 'jo-here' }, rules: inDefault })
  await made(`${rbac}/clusterrolebindings`, { metadata: { name: 'jo' }, subjects, roleRef: { ...roleRef, name: 'jo' } })
  const here = { metadata: { name: 'jo' }, subjects, roleRef: { ...roleRef, name: 'jo-here' } }
  await made(`${rbac}/namespaces/default/rolebindings`, here)
  const asJo = async (method: 'POST' | 'PUT' | 'PATCH', url: string, body: object, contentType?: string) => {
    const answer = await api.json(method, url, { user: jo, body, ...(contentType !== undefined && { contentType }) })
    return [answer.code, answer.body.details?.causes ?? answer.body.message]
  }
  return { ...api, made, asJo }
}

const passes = [201, undefined]
const refused = (field: string, message: string) => [
  422,
  [{ reason: 'FieldValueForbidden', field, message: `Forbidden: user "jo" ${message}` }],
]
const notTheKind = (kind = 'Secret', apiVersion = 'v1') =>
  refused(
    'spec.paramKind',
    `must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`,
  )
const notTheObject = (verb: string) => refused('spec.paramRef', `does not have "${verb}" permission on the object referenced by paramRef`)

describe.each(sorts)('a $sort policy with parameters', ({ at, policy: policyWith }) => {
  it.each<[string, Parameters<typeof joHas>[0], readonly unknown[]]>([
    ['is refused to whoever may not read them', { everywhere: [may('list', 'secrets'), may('get', 'configmaps')] }, notTheKind()],
    ['or not all of them', { everywhere: [may('get', 'secrets', { resourceNames: ['a'] })] }, notTheKind()],
    ['or not in all namespaces', { inDefault: [may('get', 'secrets')] }, notTheKind()],
    ['and is not to whoever may', { everywhere: [may('get', 'secrets')] }, passes],
  ])('%s', async (_how, rights, answer) => {
    const { asJo } = await joHas(rights)
    expect(await asJo('POST', at(), policyWith({ paramKind: secrets }))).toEqual(answer)
  })

  it('of a kind that nobody serves takes the right to read everything of its group', async () => {
    const paramKind = { apiVersion: 'stable.example.com/v1', kind: 'Shirt' }
    const inGroup = (resource: string) => may('get', resource, { apiGroups: ['stable.example.com'] })
    const some = await joHas({ everywhere: [inGroup('shirts')] })
    expect(await some.asJo('POST', at(), policyWith({ paramKind }))).toEqual(notTheKind('Shirt', 'stable.example.com/v1'))
    await some.made(definitionsAt(), definitionOf())
    expect(await some.asJo('POST', at(), policyWith({ paramKind }))).toEqual(passes)
    const all = await joHas({ everywhere: [inGroup('*')] })
    expect(await all.asJo('POST', at(), policyWith({ paramKind }))).toEqual(passes)
  })

  it('may be changed in all but its parameters by whoever may not read them, and without any by anybody', async () => {
    const { asJo, made } = await joHas({ everywhere: [may('get', 'configmaps')] })
    await made(at(), policyWith({ paramKind: secrets }))
    const merge = (body: object) => asJo('PATCH', at('p'), body, 'application/merge-patch+json')
    expect(await merge({ metadata: { labels: { a: 'b' } }, spec: { failurePolicy: 'Ignore' } })).toEqual([200, undefined])
    expect(await merge({ spec: { paramKind: { kind: 'Node' } } })).toEqual(notTheKind('Node'))
    expect(await merge({ spec: { paramKind: { kind: 'ConfigMap' } } })).toEqual([200, undefined])
    expect(await merge({ spec: { paramKind: { kind: 'Secret' } } })).toEqual(notTheKind())
    expect(await merge({ spec: { paramKind: null } })).toEqual([200, undefined])
  })

  it('is told first of what else is wrong with it', async () => {
    const { asJo } = await joHas({})
    const [code, causes] = await asJo('POST', at(), policyWith({ paramKind: secrets, matchConstraints: { resourceRules: [] } }))
    expect([code, causes.map(({ field }: { field: string }) => field)]).toEqual([422, ['spec.matchConstraints.resourceRules']])
  })
})

describe.each(sorts)(
  'the binding of a $sort policy with parameters',
  ({ at, policy: policyWith, bindingsAt: boundAt, binding: bindingOf }) => {
    const named = { name: 'a', namespace: 'default', parameterNotFoundAction: 'Allow' }
    const everywhere = { name: 'a', parameterNotFoundAction: 'Allow' }
    const selected = { selector: { matchLabels: { a: 'b' } }, namespace: 'default', parameterNotFoundAction: 'Allow' }
    const everything = may('*', '*', { apiGroups: ['*'] })
    it.each<[string, object, Parameters<typeof joHas>[0], readonly unknown[]]>([
      ['is refused to whoever may not read them', named, { everywhere: [may('list', 'secrets')] }, notTheObject('get')],
      ['or only others', named, { everywhere: [may('get', 'secrets', { resourceNames: ['b'] })] }, notTheObject('get')],
      ['and is not to whoever may by their name', named, { everywhere: [may('get', 'secrets', { resourceNames: ['a'] })] }, passes],
      ['or in their namespace', named, { inDefault: [may('get', 'secrets')] }, passes],
      ['but is where they are of any namespace', everywhere, { inDefault: [may('get', 'secrets')] }, notTheObject('get')],
      ['unless he may in all of them', everywhere, { everywhere: [may('get', 'secrets')] }, passes],
      ['takes the right to list them where they are selected', selected, { everywhere: [may('get', 'secrets')] }, notTheObject('list')],
      ['which may be that of their namespace', selected, { inDefault: [may('list', 'secrets')] }, passes],
    ])('%s', async (_how, paramRef, rights, answer) => {
      const { asJo, made } = await joHas(rights)
      await made(at(), policyWith({ paramKind: secrets }))
      expect(await asJo('POST', boundAt(), bindingOf('p', { paramRef }))).toEqual(answer)
    })

    it('whose policy is not there yet, or takes none, takes the right to read everything', async () => {
      const some = await joHas({ everywhere: [may('*', '*')] })
      expect(await some.asJo('POST', boundAt(), bindingOf('p', { paramRef: named }))).toEqual(notTheObject('get'))
      await some.made(at(), policyWith({}))
      expect(await some.asJo('POST', boundAt(), bindingOf('p', { paramRef: named }))).toEqual(notTheObject('get'))
      const all = await joHas({ everywhere: [everything] })
      expect(await all.asJo('POST', boundAt(), bindingOf('p', { paramRef: named }))).toEqual(passes)
    })

    it('may be changed in all but its policy and parameters by whoever may not read them', async () => {
      const { asJo, made } = await joHas({})
      await made(at(), policyWith({ paramKind: secrets }))
      await made(boundAt(), bindingOf('p', { paramRef: selected }))
      const merge = (body: object) => asJo('PATCH', boundAt('p-binding'), body, 'application/merge-patch+json')
      expect(await merge({ metadata: { labels: { a: 'b' } }, spec: { matchResources: { objectSelector: {} } } })).toEqual([200, undefined])
      expect(await merge({ spec: { policyName: 'q' } })).toEqual(notTheObject('list'))
      expect(await merge({ spec: { paramRef: { selector: null, name: 'a' } } })).toEqual(notTheObject('get'))
      expect(await merge({ spec: { paramRef: { selector: { matchLabels: { a: 'c' } } } } })).toEqual(notTheObject('list'))
      expect(await merge({ spec: { paramRef: null } })).toEqual([200, undefined])
    })

    it('is told first of what else is wrong with it', async () => {
      const { asJo } = await joHas({})
      const [code, causes] = await asJo('POST', boundAt(), bindingOf('p', { paramRef: { ...named, parameterNotFoundAction: null } }))
      expect([code, causes.map(({ field }: { field: string }) => field)]).toEqual([422, ['spec.paramRef.parameterNotFoundAction']])
    })
  },
)
