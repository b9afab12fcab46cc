import { describe, expect, it } from 'vitest'
import { mutatingAt, mutatingBinding, mutatingBindingsAt, mutatingPolicy } from '../testing/admission-policy.ts'
import { createTestApi } from '../testing/api.ts'

// The examples of the page "Mutating Admission Policy" of Kubernetes' documentation, each as it stands there.

const group = 'mutations.example.com'
const sidecars = `/apis/${group}/v1/namespaces/default/sidecars`
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `sidecars.${group}` },
  spec: {
    ...{ group, scope: 'Namespaced', names: { plural: 'sidecars', kind: 'Sidecar' } },
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  example: { type: 'string' },
                  selector: { type: 'object', properties: { matchLabels: { type: 'object', additionalProperties: { type: 'string' } } } },
                },
              },
            },
          },
        },
      },
    ],
  },
}

const spec = (patchType: string, member: string, expression: string) => ({
  paramKind: { kind: 'Sidecar', apiVersion: `${group}/v1` },
  matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
  matchConditions: [
    { name: 'does-not-already-have-sidecar', expression: '!object.spec.initContainers.exists(ic, ic.name == "mesh-proxy")' },
  ],
  failurePolicy: 'Fail',
  reinvocationPolicy: 'IfNeeded',
  mutations: [{ patchType, [member]: { expression } }],
})

const applied = (args: string) => `Object{
  spec: Object.spec{
    initContainers: [
      Object.spec.initContainers{
        name: "mesh-proxy",
        image: "mesh/proxy:v1.0.0",${args}
        restartPolicy: "Always"
      }
    ]
  }
}`

const patch = `[
  JSONPatch{
    op: "add", path: "/spec/initContainers/-",
    value: Object.spec.initContainers{
      name: "mesh-proxy",
      image: "mesh-proxy/v1.0.0",
      restartPolicy: "Always"
    }
  }
]`

const name = 'sidecar-policy.example.com'
const initializer = { name: 'myapp-initializer', image: 'example/initializer:v1.0.0' }
const myapp = (initContainers: readonly object[]) => ({
  metadata: { name: 'myapp' },
  spec: { containers: [{ name: 'app', image: 'example/app' }], ...(initContainers.length > 0 && { initContainers }) },
})

async function apiWith(policy: object) {
  const api = await createTestApi()
  const post = async (url: string, body: object) => {
    const { code, body: answer } = await api.json('POST', url, { body })
    return { code, answer }
  }
  expect((await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).code).toBe(201)
  expect((await post(mutatingAt(), mutatingPolicy(name, policy))).code).toBe(201)
  expect((await post(mutatingBindingsAt(), mutatingBinding(name))).code).toBe(201)
  return { ...api, post, pod: (initContainers: readonly object[]) => post('/api/v1/namespaces/default/pods', myapp(initContainers)) }
}

describe('a sidecar', () => {
  it('is not given arguments by an apply configuration, in Kubernetes as here: they are one value to server-side apply', async () => {
    const { pod } = await apiWith(spec('ApplyConfiguration', 'applyConfiguration', applied('\n        args: ["proxy", "sidecar"],')))
    const { code, answer } = await pod([initializer])
    expect([code, answer.reason, answer.message]).toEqual([
      403,
      'Invalid',
      `policy '${name}' with binding '${name}-binding' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.initContainers[0].args`,
    ])
  })

  it.each<[string, object]>([
    ['by an apply configuration', spec('ApplyConfiguration', 'applyConfiguration', applied(''))],
    ['by a JSON patch', spec('JSONPatch', 'jsonPatch', patch)],
  ])('is added %s, once, with what is filled in', async (_how, policy) => {
    const { pod } = await apiWith(policy)
    const { code, answer } = await pod([initializer])
    expect([code, answer.message]).toEqual([201, undefined])
    expect(answer.spec.initContainers.map(({ name: of }: { name: string }) => of).sort()).toEqual(['mesh-proxy', 'myapp-initializer'])
    const made = answer.spec.initContainers.find(({ name: of }: { name: string }) => of === 'mesh-proxy')
    expect(made).toMatchObject({ restartPolicy: 'Always', terminationMessagePath: '/dev/termination-log' })
  })

  it('is not added to a pod that has it, and a pod without any is refused, since the condition reads what is not there', async () => {
    const { pod } = await apiWith(spec('JSONPatch', 'jsonPatch', patch))
    const { answer } = await pod([])
    expect(answer.message).toMatch(/^policy '.*' denied request: expression '.*' resulted in error: no such key: initContainers$/)
    const own = { name: 'mesh-proxy', image: 'mine' }
    expect((await pod([own])).answer.spec.initContainers).toMatchObject([own])
  })
})

it.each<[string, string, object, object]>([
  [
    'conditionally modifies a value',
    '[JSONPatch{op: "test", path: "/spec/example", value: "Red"}, JSONPatch{op: "replace", path: "/spec/example", value: "Green"}]',
    { spec: { example: 'Red' } },
    { spec: { example: 'Green' } },
  ],
  [
    'or leaves it',
    '[JSONPatch{op: "test", path: "/spec/example", value: "Red"}, JSONPatch{op: "replace", path: "/spec/example", value: "Green"}]',
    { spec: { example: 'Blue' } },
    { spec: { example: 'Blue' } },
  ],
  [
    'defines an object',
    '[JSONPatch{op: "add", path: "/spec/selector", value: Object.spec.selector{matchLabels: {"environment": "test"}}}]',
    { spec: {} },
    { spec: { selector: { matchLabels: { environment: 'test' } } } },
  ],
  [
    'escapes a key',
    '[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/environment"), value: "test"},]',
    { metadata: { labels: { a: 'b' } } },
    { metadata: { labels: { a: 'b', 'example.com/environment': 'test' } } },
  ],
  [
    'leaves out what no definition names',
    '[JSONPatch{op: "add", path: "/spec/stranger", value: 1}]',
    { spec: { example: 'a' } },
    { spec: { example: 'a' } },
  ],
])('a JSON patch %s', async (_what, expression, given, made) => {
  const resourceRules = [{ apiGroups: [group], apiVersions: ['v1'], operations: ['*'], resources: ['sidecars'] }]
  const { post } = await apiWith({
    matchConstraints: { resourceRules },
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
  })
  const metadata = { name: 's', ...('metadata' in given ? (given.metadata as object) : {}) }
  const { code, answer } = await post(sidecars, { apiVersion: `${group}/v1`, kind: 'Sidecar', ...given, metadata })
  expect([code, answer.message]).toEqual([201, undefined])
  expect(answer).toMatchObject(made)
  expect(Object.keys(answer.spec ?? {})).toEqual(Object.keys('spec' in made ? (made.spec as object) : {}))
})

it('an apply configuration of a kind of a definition is laid over by its schema', async () => {
  const resourceRules = [{ apiGroups: [group], apiVersions: ['v1'], operations: ['CREATE'], resources: ['sidecars'] }]
  const told = async (expression: string) => {
    const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }]
    const { post } = await apiWith({ matchConstraints: { resourceRules }, mutations })
    const body = { apiVersion: `${group}/v1`, kind: 'Sidecar', metadata: { name: 's' }, spec: { selector: { matchLabels: { a: 'b' } } } }
    const { answer } = await post(sidecars, body)
    return answer.message ?? answer.spec
  }
  expect(await told('Object{spec: Object.spec{example: "x", selector: Object.spec.selector{matchLabels: {"c": "d"}}}}')).toEqual({
    ...{ example: 'x', selector: { matchLabels: { a: 'b', c: 'd' } } },
  })
  expect(await told('Object{spec: Object.spec{stranger: 1}}')).toContain('.spec.stranger: field not declared in schema')
})
