import { describe, expect, it } from 'vitest'
import { applyOf, jsonPatchBy, mutatingAt, mutatingBinding, mutatingBindingsAt, mutatingPolicy } from '../../testing/admission-policy.ts'
import { rule } from '../../testing/admission-webhook.ts'
import { configMap, createTestApi, type Json } from '../../testing/api.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const resourceRules = [rule('configmaps deployments horizontalpodautoscalers', ['CREATE', 'UPDATE'])]

async function apiWith(specs: Readonly<Record<string, object>>) {
  const api = await createTestApi()
  const make = async (url: string, body: object): Promise<Json> => {
    const { code, body: answer } = await api.json('POST', url, { body })
    expect(code, JSON.stringify(answer)).toBe(201)
    return answer
  }
  for (const [name, spec] of Object.entries(specs)) {
    await make(mutatingAt(), mutatingPolicy(name, { matchConstraints: { resourceRules }, ...spec }))
    await make(mutatingBindingsAt(), mutatingBinding(name))
  }
  const told = async (url: string, body: object) => {
    const { code, body: answer } = await api.json('POST', url, { body })
    return [code, answer.message] as const
  }
  return { ...api, make, told }
}

const one = (...mutations: readonly object[]) => ({ p: { mutations } })
const replaced = (path: string, value: string) => jsonPatchBy(`[JSONPatch{op: "add", path: "${path}", value: ${value}}]`)
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }
const by = "policy 'p' with binding 'p-binding' denied request: "

describe('what the server says of an object', () => {
  it('stands whatever a policy makes of it', async () => {
    const { make, json, told } = await apiWith(
      one(
        replaced('/metadata/uid', '"mine"'),
        replaced('/metadata/creationTimestamp', '"2001-01-01T00:00:00Z"'),
        replaced('/metadata/managedFields', '[]'),
        replaced('/metadata/resourceVersion', '"7"'),
        replaced('/metadata/generation', '99'),
        applyOf('Object{status: Object.status{replicas: 7}}'),
      ),
    )
    const { metadata, status } = await make(deployments, deployment)
    expect(metadata).toMatchObject({ name: 'd', generation: 1, managedFields: [{ operation: 'Update' }] })
    expect([metadata.uid, metadata.creationTimestamp, metadata.resourceVersion]).not.toEqual(['mine', '2001-01-01T00:00:00Z', '7'])
    expect(status?.replicas).toBeUndefined()
    await json('DELETE', mutatingBindingsAt('p-binding'))
    await make(mutatingAt(), mutatingPolicy('q', { mutations: [replaced('/metadata/namespace', '"kube-system"')] }))
    await make(mutatingBindingsAt(), mutatingBinding('q'))
    expect(await told(maps, configMap('x'))).toEqual([
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ])
  })

  it('is who it is: of what is changed neither the name nor the uid', async () => {
    const matchConstraints = { resourceRules: [rule('configmaps', ['UPDATE'])] }
    const { make, json } = await apiWith({
      p: { matchConstraints, mutations: [replaced('/metadata/name', '"y"'), replaced('/metadata/uid', '"z"')] },
    })
    await make(maps, configMap('x'))
    const { code, body } = await json('PUT', `${maps}/x`, { body: configMap('x', { a: '1' }) })
    expect([code, body.message]).toEqual([
      422,
      expect.stringMatching(/metadata\.name: Invalid value: "y": field is immutable.*metadata\.uid/),
    ])
  })
})

it.each<[string, object, number, string]>([
  [
    'breaks a rule',
    applyOf('Object{spec: Object.spec{replicas: -1}}'),
    422,
    'Deployment.apps "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  ['is of another type', replaced('/spec/replicas', '"many"'), 500, 'Internal error occurred: '],
  [
    'has what no type knows',
    replaced('/spec/replicasx', '1'),
    500,
    'Internal error occurred: strict decoding error: unknown field "spec.replicasx"',
  ],
  [
    'has it deep within',
    replaced(
      '/spec/template/spec/containers/-',
      'Object.spec.template.spec.containers{name: "x", ports: [Object.spec.template.spec.containers.ports{containerPortZ: 1}]}',
    ),
    500,
    'strict decoding error: unknown field "spec.template.spec.containers[1].ports[0].containerPortZ"',
  ],
  ['is no object', jsonPatchBy('[JSONPatch{op: "replace", path: "", value: "x"}]'), 500, 'Internal error occurred: '],
  ['is nothing', jsonPatchBy('[JSONPatch{op: "remove", path: ""}]'), 500, 'Internal error occurred: '],
  ['is of another kind', replaced('/kind', '"Pod"'), 422, 'kind: Unsupported value: "Pod"'],
  [
    'has no such quantity',
    applyOf(
      'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "c", resources: Object.spec.template.spec.containers.resources{limits: {"cpu": "lots"}}}]}}}}',
    ),
    403,
    by,
  ],
  [
    'has two items of one name',
    applyOf(
      'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "c"}, Object.spec.template.spec.containers{name: "c"}]}}}}',
    ),
    403,
    'duplicate entries for key [name="c"]',
  ],
  [
    'has a part named after another',
    replaced('/spec/template', 'Object.spec.template{spec: Object.spec{}}'),
    403,
    'type mismatch: unexpected type name "Object.spec", expected "Object.spec.template.spec"',
  ],
  [
    'replaces what is one value',
    applyOf('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"l": "v"}}}}'),
    403,
    `${by}error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector`,
  ],
])('a mutation whose object %s is refused', async (_what, mutation, code, message) => {
  const { told, json } = await apiWith(one(mutation))
  const found = await told(deployments, deployment)
  expect([found[0], found[1]]).toEqual([code, expect.stringContaining(message)])
  await json('DELETE', mutatingBindingsAt('p-binding'))
  expect((await told(deployments, deployment))[0]).toBe(201)
})

it('what is no object at all refuses even where failures are passed by', async () => {
  const { told } = await apiWith({ p: { failurePolicy: 'Ignore', mutations: [replaced('/spec/replicas', '"many"')] } })
  expect((await told(deployments, deployment))[0]).toBe(500)
})

it('keys are keys, whatever they are called', async () => {
  const keys = "{'__proto__': 'a', 'constructor': 'b', 'toString': 'c'}"
  const { make } = await apiWith(
    one(applyOf(`Object{data: ${keys}}`), applyOf("Object{data: {'__proto__': object.data['__proto__'] + '1'}}")),
  )
  const { data } = await make(maps, configMap('x'))
  expect(Object.entries(data).sort()).toEqual([['__proto__', 'a1'], ['constructor', 'b'], ['toString', 'c']]) // prettier-ignore
  const odd = await apiWith(one(applyOf('Object{__proto__: Object.__proto__{a: 1}, constructor: 1}')))
  expect(await odd.told(maps, configMap('x'))).toEqual([403, expect.stringContaining('.__proto__: field not declared in schema')])
})

it('policies that set each other off are each asked twice at most', async () => {
  const add = (name: string) => ({
    reinvocationPolicy: 'IfNeeded',
    mutations: [applyOf(`Object{data: {'${name}': object.data.${name} + '1'}}`)],
  })
  const { make } = await apiWith({ a: add('a'), b: add('b'), c: add('c') })
  const { data } = await make(maps, configMap('x', { a: '', b: '', c: '' }))
  expect(data).toEqual({ a: '11', b: '11', c: '11' })
})

describe('a mutation that is too dear', () => {
  const data = { k: 'x'.repeat(1000) }
  const tens = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]'
  const doubled = Array.from({ length: 40 }, (_, i) => ({
    name: `v${i}`,
    expression: i === 0 ? "['x']" : `[variables.v${i - 1}, variables.v${i - 1}]`,
  }))
  it.each<[string, object, string]>([
    [
      'in one expression',
      {
        mutations: [
          applyOf(
            `Object{data: {'a': ${tens}.map(a, ${tens}.map(b, ${tens}.map(c, ${tens}.map(d, ${tens}.map(e, object.data.k))))).size() > 0 ? 'a' : 'b'}}`,
          ),
        ],
      },
      'actual cost limit exceeded',
    ],
    [
      'in what it puts into itself',
      { variables: doubled, mutations: [applyOf('Object{data: {"a": variables.v39}}')] },
      'running out of cost budget',
    ],
    [
      'in what it puts into a patch',
      { variables: doubled, mutations: [jsonPatchBy('[JSONPatch{op: "add", path: "/data", value: variables.v39}]')] },
      'running out of cost budget',
    ],
    [
      'in a text that grows',
      {
        variables: Array.from({ length: 30 }, (_, i) => ({
          name: `v${i}`,
          expression: i === 0 ? 'object.data.k' : `variables.v${i - 1} + variables.v${i - 1}`,
        })),
        mutations: [applyOf('Object{data: {"a": variables.v29}}')],
      },
      'cost',
    ],
  ])('%s ends there, and the hub goes on', async (_where, spec, why) => {
    const { told, json } = await apiWith({ p: spec })
    const [code, message] = await told(maps, configMap('x', data))
    expect([code, message]).toEqual([403, expect.stringContaining(why)])
    expect((await json('GET', maps)).code).toBe(200)
  })

  it('or makes more than an object may be', async () => {
    const big = 'x'.repeat(100_000)
    const many = `[${Array.from({ length: 40 }, (_, i) => `'k${i}'`).join()}]`
    const { told, json } = await apiWith(
      one(jsonPatchBy(`${many}.map(k, JSONPatch{op: "add", path: "/data/" + k, value: object.data.big})`)),
    )
    const [code] = await told(maps, configMap('x', { big }))
    expect([413, 422]).toContain(code)
    expect((await json('GET', `${maps}/x`)).code).toBe(404)
  })

  it('by as many steps as a patch may have and no more', async () => {
    const steps = `${tens}.map(a, ${tens}.map(b, ${tens}.map(c, ${tens}.map(d, JSONPatch{op: "test", path: "/data/a", value: "1"})))).flatten(3)`
    const { told } = await apiWith(one(jsonPatchBy(`${steps} + [JSONPatch{op: "test", path: "/a"}]`)))
    expect(await told(maps, configMap('x', { a: '1' }))).toEqual([403, expect.stringMatching(/allowed maximum operations|cost/)])
  })
})

it('a request in one version is met in another, and comes back in its own', async () => {
  const matchConstraints = {
    resourceRules: [{ operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v2'], resources: ['horizontalpodautoscalers'] }],
  }
  const both = {
    a: { matchConstraints, mutations: [applyOf("Object{spec: Object.spec{maxReplicas: object.apiVersion == 'autoscaling/v2' ? 9 : 1}}")] },
    b: { mutations: [applyOf('Object{metadata: Object.metadata{labels: {"v": object.apiVersion.replace("/", ".")}}}')] },
  }
  const { make } = await apiWith(both)
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
  const { apiVersion, metadata, spec } = await make('/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', {
    metadata: { name: 'h' },
    spec: { maxReplicas: 2, targetCPUUtilizationPercentage: 50, scaleTargetRef },
  })
  expect([apiVersion, metadata.labels, spec.maxReplicas, spec.targetCPUUtilizationPercentage]).toEqual([
    'autoscaling/v1',
    { v: 'autoscaling.v1' },
    9,
    50,
  ])
})
