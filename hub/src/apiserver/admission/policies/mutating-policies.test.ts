import { describe, expect, it } from 'vitest'
import { applyOf, jsonPatchBy, mutatingAt, mutatingBinding, mutatingBindingsAt, mutatingPolicy } from '../../testing/admission-policy.ts'
import { configuration, configurationsAt, patchOf, rule, webhooksAnswering } from '../../testing/admission-webhook.ts'
import { configMap, createTestApi } from '../../testing/api.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const label = (name: string, value = "'yes'") => applyOf(`Object{metadata: Object.metadata{labels: {'${name}': ${value}}}}`)

/** With policies that are bound, by their names. */
async function apiWith(specs: Readonly<Record<string, object>>, bound: object = {}, more: Parameters<typeof createTestApi>[0] = {}) {
  const api = await createTestApi(more)
  const make = async (url: string, body: object) => {
    const { code, body: answer } = await api.json('POST', url, { body })
    expect(code, JSON.stringify(answer)).toBe(201)
    return answer
  }
  for (const [name, spec] of Object.entries(specs)) {
    await make(mutatingAt(), mutatingPolicy(name, spec))
    await make(mutatingBindingsAt(), mutatingBinding(name, bound))
  }
  const create = (name: string, data: Record<string, string> = {}, metadata: Record<string, unknown> = {}, query = '') =>
    api.json('POST', `${maps}${query}`, { body: configMap(name, data, metadata) })
  const told = async (...given: Parameters<typeof create>) => {
    const { code, body } = await create(...given)
    return [code, body.reason, body.message]
  }
  return { ...api, make, create, told }
}

const denied = (message: string, policy = 'p', reason = 'Invalid') => [
  403,
  reason,
  `policy '${policy}' with binding '${policy}-binding' denied request: ${message}`,
]

describe('a mutation', () => {
  it.each<[string, object, object]>([
    ['lays what it tells over the object', label('a'), { metadata: { labels: { old: 'x', a: 'yes' } }, data: { k: 'v' } }],
    [
      'reads the object, the request and its namespace',
      label('a', "object.data.k + '-' + request.operation + '-' + namespaceObject.metadata.name"),
      { metadata: { labels: { a: 'v-CREATE-default' } } },
    ],
    ['or does one step after the other', jsonPatchBy('[JSONPatch{op: "test", path: "/data/k", value: "v"}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "1"}, JSONPatch{op: "move", from: "/data/k", path: "/data/m"}]'), { metadata: { labels: { 'a/b': '1' } }, data: { m: 'v' } }], // prettier-ignore
    [
      'that are for another object, and do nothing',
      jsonPatchBy('[JSONPatch{op: "test", path: "/data/k", value: "w"}, JSONPatch{op: "remove", path: "/data"}]'),
      { data: { k: 'v' } },
    ],
    [
      'brings an object where one may stand',
      jsonPatchBy('[JSONPatch{op: "replace", path: "/metadata", value: Object.metadata{name: object.metadata.name, labels: {"a": "b"}}}]'),
      { metadata: { labels: { a: 'b' } } },
    ],
  ])('%s', async (_how, mutation, made) => {
    const { create } = await apiWith({ p: { mutations: [mutation] } })
    const { code, body } = await create('x', { k: 'v' }, { labels: { old: 'x' } })
    expect([code, body.message]).toEqual([201, undefined])
    expect(body).toMatchObject(made)
  })

  it('sees what those before it have made, in its policy and in others, which are asked in the order of their names', async () => {
    const add = (text: string) => applyOf(`Object{data: {'k': object.data.k + '${text}'}}`)
    const { create } = await apiWith({ b: { mutations: [add('3')] }, a: { mutations: [add('1'), add('2')] } })
    expect((await create('x', { k: '0' })).body.data).toEqual({ k: '0123' })
  })

  it('is of what is made, changed and scaled, and never of what is deleted', async () => {
    const resourceRules = [rule('configmaps replicationcontrollers/scale')]
    const { create, json } = await apiWith({
      p: { mutations: [label('seen', "request.operation + '-' + string(oldObject == null)")], matchConstraints: { resourceRules } },
      q: { mutations: [applyOf('Object{spec: Object.spec{replicas: object.spec.replicas + 1}}')], matchConditions: [{ name: 'a', expression: "has(request.subResource) && request.subResource == 'scale'" }], matchConstraints: { resourceRules } }, // prettier-ignore
    })
    expect((await create('x')).body.metadata.labels).toEqual({ seen: 'CREATE-true' })
    const changed = await json('PATCH', `${maps}/x`, { body: { data: { a: '1' } }, contentType: 'application/merge-patch+json' })
    expect(changed.body.metadata.labels).toEqual({ seen: 'UPDATE-false' })
    expect((await json('DELETE', `${maps}/x`)).code).toBe(200)
    const controllers = '/api/v1/namespaces/default/replicationcontrollers'
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const body = { metadata: { name: 'r' }, spec: { replicas: 1, selector: { a: 'b' }, template } }
    expect((await json('POST', controllers, { body })).code).toBe(201)
    await json('DELETE', mutatingBindingsAt('p-binding'))
    const scaled = await json('PUT', `${controllers}/r/scale`, { body: { metadata: { name: 'r' }, spec: { replicas: 5 } } })
    expect([scaled.code, scaled.body.spec]).toEqual([200, { replicas: 6 }])
  })

  it('of a dry run changes the answer alone', async () => {
    const { create, json } = await apiWith({ p: { mutations: [label('a', 'string(request.dryRun)')] } })
    expect((await create('x', {}, {}, '?dryRun=All')).body.metadata.labels).toEqual({ a: 'true' })
    expect((await json('GET', `${maps}/x`)).code).toBe(404)
  })

  it('is owned by nobody', async () => {
    const { create } = await apiWith({ p: { mutations: [label('a')] } })
    const { body } = await create('x', { k: 'v' })
    expect(JSON.stringify(body.metadata.managedFields)).not.toContain('f:a"')
    expect(body.metadata.managedFields).toHaveLength(1)
  })

  it('asks what who asks may do, and takes variables and parameters', async () => {
    const params = { paramRef: { name: 'params', parameterNotFoundAction: 'Deny' } }
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      variables: [{ name: 'mine', expression: "authorizer.group('').resource('secrets').check('list').allowed()" }, { name: 'both', expression: "params.data.tier + string(variables.mine)" }], // prettier-ignore
      matchConditions: [{ name: 'others', expression: 'object.metadata.name != params.metadata.name' }],
      mutations: [label('a', 'variables.both'), jsonPatchBy('[JSONPatch{op: "add", path: "/data", value: {"b": variables.both}}]')],
    }
    const { create, told, json } = await apiWith({ p: spec }, params)
    const missing = denied('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction', 'p', 'Forbidden') // prettier-ignore
    expect(await told('x')).toEqual(missing)
    await json('DELETE', mutatingBindingsAt('p-binding'))
    expect((await create('params', { tier: 'gold' })).code).toBe(201)
    await json('POST', mutatingBindingsAt(), { body: mutatingBinding('p', params) })
    const { body } = await create('x')
    expect([body.metadata.labels, body.data]).toEqual([{ a: 'goldtrue' }, { b: 'goldtrue' }])
  })

  it('is made once for each of the parameters that a selector finds', async () => {
    const paramRef = { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Allow' }
    const spec = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, mutations: [applyOf('Object{data: {params.metadata.name: "1"}}')] }
    const { create } = await apiWith({ p: spec }, { paramRef })
    expect((await create('x')).body.data).toBeUndefined()
    for (const name of ['a', 'b']) await create(name, {}, { labels: { limits: 'yes' } })
    expect((await create('y')).body.data).toEqual({ a: '1', b: '1' })
  })

  it('is met where its binding says, and by what it matches', async () => {
    const bound = { matchResources: { objectSelector: { matchLabels: { on: 'yes' } } } }
    const { create, json } = await apiWith({ p: { mutations: [label('a')] } }, bound)
    expect((await create('x')).body.metadata.labels).toBeUndefined()
    expect((await create('y', {}, { labels: { on: 'yes' } })).body.metadata.labels).toEqual({ on: 'yes', a: 'yes' })
    await json('DELETE', mutatingAt('p'))
    expect((await create('z', {}, { labels: { on: 'yes' } })).body.metadata.labels).toEqual({ on: 'yes' })
  })
})

describe('an object that others change after a policy', () => {
  const first = (reinvocationPolicy: string) => ({
    reinvocationPolicy,
    matchConstraints: { resourceRules: [rule('configmaps', ['CREATE'])] },
    mutations: [applyOf("Object{data: {'seen': string(has(object.metadata.labels)), 'n': object.data.n + '1'}}")],
  })
  it.each([
    ['IfNeeded', { seen: 'true', n: '011' }],
    ['Never', { seen: 'false', n: '01' }],
  ])('is seen by it again: %s', async (policy, data) => {
    const { create } = await apiWith({ a: first(policy), b: { mutations: [label('late')] } })
    expect((await create('x', { n: '0' })).body.data).toEqual(data)
  })

  it('by a webhook is seen by it again, as what policies change is by a webhook', async () => {
    const hooks = webhooksAnswering(({ object }) =>
      object.metadata.labels === undefined ? patchOf({ op: 'add', path: '/metadata/labels', value: { hook: 'yes' } }) : undefined,
    )
    const { create, make } = await apiWith({ a: first('IfNeeded') }, {}, { postToWebhook: hooks.post })
    const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }]
    await make(configurationsAt('mutating'), configuration('Mutating', 'h', { rules, reinvocationPolicy: 'IfNeeded' }))
    expect((await create('x', { n: '0' })).body.data).toEqual({ seen: 'true', n: '011' })
    expect(hooks.asked.map(({ request }) => request.object.data.n)).toEqual(['01', '011'])
  })
})

describe('a mutation that cannot be made', () => {
  it.each<[string, object, string]>([
    [
      'of what is not there',
      label('a', 'object.data.nothing'),
      "expression 'Object{metadata: Object.metadata{labels: {'a': object.data.nothing}}}' resulted in error: no such key: nothing",
    ],
    [
      'by a name that stands elsewhere',
      applyOf('Object{metadata: Object.meta{labels: {"a": "b"}}}'),
      'type mismatch: unexpected type name "Object.meta", expected "Object.metadata", which matches field name path from root Object type',
    ],
    [
      'of a field that nobody knows',
      applyOf('Object{datas: {"a": "b"}}'),
      'error applying patch: failed to convert patch object to typed object: .datas: field not declared in schema',
    ],
    [
      'of another type',
      applyOf('Object{data: "a"}'),
      'error applying patch: failed to convert patch object to typed object: .data: expected map, got &{a}',
    ],
    [
      'of what is one value',
      applyOf('Object{metadata: Object.metadata{managedFields: [], ownerReferences: []}}'),
      'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .metadata.managedFields',
    ],
    [
      'where nothing is',
      jsonPatchBy('[JSONPatch{op: "remove", path: "/data/a/b"}]'),
      'JSON Patch: the JSON patch cannot be applied: operation 0 (remove /data/a/b)',
    ],
    [
      'in a way that there is not',
      jsonPatchBy('[JSONPatch{op: "smile", path: "/data"}]'),
      'JSON Patch: the JSON patch cannot be applied: operation 0 (smile /data): expected one of',
    ],
    [
      'with what is no text',
      jsonPatchBy('[JSONPatch{op: object.data, path: "/data"}]'),
      "resulted in error: unexpected type interface {} for JSONPatchType 'op' field",
    ],
    [
      'by what is no step',
      jsonPatchBy('true ? dyn([1]) : [JSONPatch{}]'),
      'type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch',
    ],
  ])('%s refuses', async (_what, mutation, message) => {
    const { told, json } = await apiWith({})
    const { code, body } = await json('POST', mutatingAt(), { body: mutatingPolicy('p', { mutations: [mutation] }) })
    if (code !== 201) return expect(body.message).toContain('must evaluate to list(JSONPatch) but got')
    await json('POST', mutatingBindingsAt(), { body: mutatingBinding('p') })
    const [status, reason, why] = await told('x', { k: 'v' })
    expect([status, reason]).toEqual([403, 'Invalid'])
    expect(why).toContain(`policy 'p' with binding 'p-binding' denied request: `)
    expect(why).toContain(message)
  })

  it('leaves the object to those after it, and is passed by where its policy says so', async () => {
    const broken = { mutations: [label('a', 'object.data.nothing'), label('b')] }
    const fail = await apiWith({ p: broken, q: { mutations: [label('c', 'object.data.none')] } })
    const { code, body } = await fail.create('x')
    expect([code, body.reason, body.details.kind, body.details.name]).toEqual([403, 'Invalid', 'configmaps', 'x'])
    expect(body.details.causes.map(({ message }: { message: string }) => message.slice(0, 8))).toEqual(["policy '", "policy '"])
    const ignore = await apiWith({ p: { ...broken, failurePolicy: 'Ignore' } })
    expect((await ignore.create('x')).body.metadata.labels).toEqual({ b: 'yes' })
    const condition = { matchConditions: [{ name: 'c', expression: 'object.data.none == 1' }], mutations: [label('a')] }
    expect(await (await apiWith({ p: condition })).told('x')).toEqual(denied("expression 'object.data.none == 1' resulted in error: no such key: data")) // prettier-ignore
  })

  it('is counted', async () => {
    const { create, ask } = await apiWith({ p: { mutations: [label('a'), label('b', 'object.data.none')], failurePolicy: 'Ignore' } })
    await create('x')
    const page = await ask('GET', '/metrics').then((answer) => (answer.type === 'raw' ? String(answer.raw) : ''))
    const counted = (type: string) =>
      `apiserver_mutating_admission_policy_check_total{policy="p",policy_binding="p-binding",error_type="${type}"} 1`
    for (const type of ['no_error', 'invalid_error']) expect(page).toContain(counted(type))
    expect(page).toContain('apiserver_mutating_admission_policy_check_duration_seconds_count{policy="p"')
  })
})

it('no policy changes policies, or what binds them, or reviews, and a hub that asks nobody has none', async () => {
  const everything = { matchConstraints: { resourceRules: [rule('*/*')] }, mutations: [label('a')] }
  const { json, make } = await apiWith({ p: everything })
  expect((await make(mutatingAt(), mutatingPolicy('q', everything))).metadata.labels).toBeUndefined()
  expect((await make(mutatingBindingsAt(), mutatingBinding('q'))).metadata.labels).toBeUndefined()
  const review = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } }
  const asked = await json('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: review })
  expect([asked.code, asked.body.status?.allowed, asked.body.metadata?.labels]).toEqual([201, true, undefined])
  expect((await json('DELETE', mutatingAt('p'))).code).toBe(200)
  const quiet = await apiWith({ p: everything }, {}, { hasDynamicAdmission: false })
  expect((await quiet.create('x')).body.metadata.labels).toBeUndefined()
})
