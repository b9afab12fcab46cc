import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { sameShape, type Storage } from '@bramble/shared/schema/storage.ts'
import { afterEach, expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { gadget, gadgetsAt, gadgetsOf, group } from '../testing/gadgets.ts'

const merge = 'application/merge-patch+json'
const strict = 'fieldValidation=Strict'

const spec = {
  type: 'object',
  description: 'What the gadget is to be.',
  required: ['size'],
  properties: {
    size: { type: 'integer', format: 'int32', minimum: 1, description: 'How large.' },
    replicas: { type: 'integer', default: 1, minimum: 0 },
    mode: { type: 'string', enum: ['Fast', 'Slow'], default: 'Slow' },
    note: { type: 'string', nullable: true },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ports: {
      type: 'array',
      items: {
        type: 'object',
        required: ['port'],
        properties: { port: { type: 'integer' }, name: { type: 'string', pattern: '^[a-z]+$' } },
      },
    },
    open: { 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'object', properties: {} } } },
    map: { type: 'object', additionalProperties: { type: 'integer' } },
  },
}
const schema = {
  type: 'object',
  properties: { spec, status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } } },
}
const subresources = {
  status: true,
  scale: { specReplicas: '.spec.replicas', statusReplicas: '.status.replicas', selector: '.status.selector' },
}
const gadgets = gadgetsOf(schema, { subresources })

let stop = new AbortController()
afterEach(() => {
  stop.abort()
  stop = new AbortController()
})

const setUp = async (...kinds: readonly ReturnType<typeof gadgetsOf>[]) => {
  const set = createKindSet([...builtIn, ...kinds])
  return { ...(await createTestApi({ kinds: set })), kinds: set }
}

it('an object is pruned, filled in and checked by its schema alone, with errors as Kubernetes words them', async () => {
  const { json } = await setUp(gadgets)
  const { code, body, headers } = await json('POST', `${gadgetsAt()}?fieldValidation=Warn`, {
    body: gadget(
      'a',
      { size: 2, odd: 1, note: null, mode: null, open: { any: [0, null], known: { odd: 1 } }, map: { a: 0 }, tags: [] },
      { other: 1 },
    ),
  })
  expect(code).toBe(201)
  expect(body.spec).toEqual({
    size: 2,
    note: null,
    mode: 'Slow',
    open: { any: [0, null], known: {} },
    map: { a: 0 },
    tags: [],
    replicas: 1,
  })
  expect([body.other, body.metadata.generation, body.status]).toEqual([undefined, 1, undefined])
  expect(JSON.stringify(headers)).toContain('unknown field')
  expect(
    await json('POST', `${gadgetsAt()}?${strict}`, { body: gadget('b', { size: 1, odd: 1, open: { known: { odd: 1 } } }) }),
  ).toMatchObject({
    code: 400,
    body: {
      message:
        'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.odd", unknown field "spec.open.known.odd"',
    },
  })
  const { body: refused } = await json('POST', gadgetsAt(), {
    body: gadget('b', { size: 'large', ports: [{ name: 'A' }], tags: ['x', 'x'] }),
  })
  expect(refused).toMatchObject({ code: 422, reason: 'Invalid', details: { name: 'b', group, kind: 'Gadget' } })
  expect(refused.details.causes.map(({ field, message }: Json) => `${field}: ${message}`)).toEqual([
    'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    `spec.ports[0].name: Invalid value: "A": spec.ports[0].name in body should match '^[a-z]+$'`,
    'spec.ports[0].port: Required value',
    'spec.tags[1]: Duplicate value: "x"',
  ])
  expect((await json('POST', gadgetsAt(), { body: gadget('b', 3) })).body.message).toBe(
    'Gadget.lab.example.com "b" is invalid: spec: Invalid value: "integer": spec in body must be of type object: "integer"',
  )
  expect(await json('POST', gadgetsAt(), { body: gadget('B', { size: 1 }) })).toMatchObject({ code: 422 })
  expect(await json('POST', gadgetsAt(), { body: { ...gadget('b', { size: 1 }), metadata: { name: 'b', labels: 3 } } })).toMatchObject({
    code: 400,
  })
})

it('is changed by patches of plain JSON, and refuses those that need a type of Go', async () => {
  const { json } = await setUp(gadgets)
  await json('POST', gadgetsAt(), { body: gadget('a', { size: 2, tags: ['x'] }) })
  const patched = await json('PATCH', `${gadgetsAt('a')}?${strict}`, {
    body: { spec: { size: 3, mode: null, tags: ['y'] } },
    contentType: merge,
  })
  expect(patched.body).toMatchObject({ spec: { size: 3, mode: 'Slow', tags: ['y'] }, metadata: { generation: 2 } })
  const operations = [{ op: 'add', path: '/spec/tags/-', value: 'z' }]
  expect((await json('PATCH', gadgetsAt('a'), { body: operations, contentType: 'application/json-patch+json' })).body.spec.tags).toEqual([
    'y',
    'z',
  ])
  expect(
    (await json('PATCH', gadgetsAt('a'), { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })).body.metadata.generation,
  ).toBe(3)
  const { body: same } = await json('PATCH', gadgetsAt('a'), { body: { spec: { size: 3 } }, contentType: merge })
  expect(same.metadata.generation).toBe(3)
  expect(await json('PATCH', gadgetsAt('a'), { body: { spec: { size: 0 } }, contentType: merge })).toMatchObject({
    code: 422,
    body: { message: expect.stringContaining('spec.size in body should be greater than or equal to 1') },
  })
  expect(await json('PATCH', gadgetsAt('a'), { body: {}, contentType: 'application/strategic-merge-patch+json' })).toMatchObject({
    code: 415,
  })
  const protobuf = 'application/vnd.kubernetes.protobuf'
  expect(await json('POST', gadgetsAt(), { body: Buffer.from('k8s\0'), contentType: protobuf })).toMatchObject({
    code: 415,
    body: { message: expect.stringContaining('accepted media types include: application/json, application/yaml') },
  })
})

it('has its status, its scale, its table, its watch and its place in discovery and OpenAPI', async () => {
  const { json, ask } = await setUp(gadgets)
  const response = await ask('GET', `${gadgetsAt()}?watch=true`, { signal: stop.signal })
  if (response.type !== 'events') throw new Error('expected a watch')
  const events = response.events[Symbol.asyncIterator]()
  const next = async (): Promise<Json> => JSON.parse((await events.next()).value.text)
  await json('POST', gadgetsAt(), { body: gadget('a', { size: 2 }, { status: { replicas: 9 } }) })
  const added = await next()
  expect(added).toMatchObject({ type: 'ADDED', object: { spec: { size: 2, replicas: 1 } } })
  expect(added.object.status).toBeUndefined()
  const { body } = await json('PATCH', `${gadgetsAt('a')}/status`, {
    body: { spec: { size: 7 }, status: { replicas: 0, odd: 1 } },
    contentType: merge,
  })
  expect(body).toMatchObject({ spec: { size: 2 }, status: { replicas: 0 }, metadata: { generation: 1 } })
  expect(await next()).toMatchObject({ type: 'MODIFIED', object: { status: { replicas: 0 } } })
  const { body: scaled } = await json('PATCH', `${gadgetsAt('a')}/scale`, { body: { spec: { replicas: 5 } }, contentType: merge })
  expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 5 }, status: { replicas: 0 } })
  expect(await next()).toMatchObject({ type: 'MODIFIED', object: { spec: { replicas: 5 }, metadata: { generation: 2 } } })
  expect((await json('GET', gadgetsAt(), { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })).body.rows[0].cells[0]).toBe('a')
  expect((await json('GET', `/apis/${group}/v1`)).body.resources.map(({ name }: Json) => name)).toEqual([
    'gadgets',
    'gadgets/scale',
    'gadgets/status',
  ])

  const { body: v3 } = await json('GET', `/openapi/v3/apis/${group}/v1`)
  const type = v3.components.schemas['com.example.lab.v1.Gadget']
  expect(type).toMatchObject({
    description: 'A thing of the lab.',
    'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: 'Gadget' }],
  })
  expect(type.properties.metadata.allOf ?? [type.properties.metadata]).toEqual([
    { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
  ])
  expect(type.properties.spec).toMatchObject({
    type: 'object',
    required: ['size'],
    properties: {
      size: { type: 'integer', format: 'int32', minimum: 1, description: 'How large.' },
      note: { nullable: true },
      mode: { enum: ['Fast', 'Slow'], default: 'Slow' },
      open: { 'x-kubernetes-preserve-unknown-fields': true },
    },
  })
  expect((await json('GET', '/openapi/v2')).body.definitions['com.example.lab.v1.Gadget'].properties.spec.properties.tags).toMatchObject({
    'x-kubernetes-list-type': 'set',
  })
  const { patch } = v3.paths[`/apis/${group}/v1/namespaces/{namespace}/gadgets/{name}`]
  expect(patch.operationId).toBe('patchLabExampleComV1NamespacedGadget')
  expect(Object.keys(patch.requestBody.content)).toEqual([
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/apply-patch+yaml',
  ])
  expect(await json('DELETE', gadgetsAt('a'))).toMatchObject({ code: 200 })
  expect(await next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } })
})

it('what was stored under another schema is held to the one of today as it is read, and written so with its next write', async () => {
  const old = gadgetsOf({
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer' }, gone: { type: 'string' } } } },
  })
  const now = gadgetsOf({
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { size: { type: 'integer', maximum: 3 }, fresh: { type: 'string', default: 'x' } } },
    },
  })
  const { json, kinds, store } = await setUp(old)
  await json('POST', gadgetsAt(), { body: gadget('a', { size: 9, gone: 'x' }) })
  kinds.replace([old], [now])
  const seen = { size: 9, fresh: 'x' }
  expect((await json('GET', gadgetsAt('a'))).body.spec).toEqual(seen)
  expect((await json('GET', gadgetsAt())).body.items.map((item: Json) => item.spec)).toEqual([seen])
  // What is wrong by the new schema and is not touched stays.
  expect((await json('PATCH', gadgetsAt('a'), { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })).code).toBe(200)
  expect(JSON.parse(store.get(`/${group}/gadgets/default/a`)?.value ?? '')).toMatchObject({ schemaId: now.schemaId, spec: seen })
  const before = store.revisionOf(`/${group}/gadgets/`)
  await json('PUT', gadgetsAt('a'), { body: (await json('GET', gadgetsAt('a'))).body })
  expect(store.revisionOf(`/${group}/gadgets/`)).toBe(before)
  expect(await json('PATCH', gadgetsAt('a'), { body: { spec: { size: 10 } }, contentType: merge })).toMatchObject({ code: 422 })
})

it('versions without a conversion differ in what their schemas let through, and writers of both do not write for ever', async () => {
  const storage: Storage = { version: 'v1', others: { v1beta1: sameShape } }
  const ofFields = (...names: string[]) => ({
    type: 'object',
    properties: {
      spec: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string', default: name }])) },
    },
  })
  const stable = gadgetsOf(ofFields('a', 'b'), { storage })
  const beta = gadgetsOf(ofFields('a', 'c'), { storage, version: 'v1beta1' })
  const { json, store } = await setUp(stable, beta)
  await json('POST', gadgetsAt(), { body: gadget('x', { b: 'B' }) })
  expect((await json('GET', gadgetsAt('x', 'v1beta1'))).body).toMatchObject({ apiVersion: `${group}/v1beta1`, spec: { a: 'a', c: 'c' } })
  const put = async (version: string) => {
    await json('PUT', gadgetsAt('x', version), { body: (await json('GET', gadgetsAt('x', version))).body })
    return store.revisionOf(`/${group}/gadgets/`)
  }
  await put('v1beta1')
  const settled = await put('v1')
  expect([await put('v1beta1'), await put('v1'), await put('v1beta1')]).toEqual([settled, settled, settled])
})

it('names that look like numbers survive storage wherever they stand, at the top of an object as well', async () => {
  const anything = gadgetsOf({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })
  const { json, ask, store } = await setUp(anything)
  const odd = { '10': 'ten', '9': { '8': 1, a: 2, '7': null }, '01': 0 }
  expect((await json('POST', gadgetsAt(), { body: { ...odd, ...gadget('a', odd) } })).code).toBe(201)
  await json('PATCH', gadgetsAt('a'), { body: { '3': 'three', spec: { '10': null } }, contentType: merge })
  await json('PATCH', gadgetsAt('a'), {
    body: [
      { op: 'add', path: '/2', value: 'two' },
      { op: 'test', path: '/9/8', value: 1 },
    ],
    contentType: 'application/json-patch+json',
  })
  const { '10': _, ...left } = odd
  for (const { body } of [await json('GET', gadgetsAt('a')), { body: (await json('GET', gadgetsAt())).body.items[0] }])
    expect(body).toMatchObject({ ...odd, '3': 'three', spec: left, metadata: { name: 'a' } })
  const answer = await ask('GET', gadgetsAt('a'))
  const text = store.get(`/${group}/gadgets/default/a`)?.value.replace(/"schemaId":"\w+",/, '')
  expect(answer.type === 'raw' && String(answer.raw).replace(/"resourceVersion":"\d+",/, '')).toBe(text)
  expect((await json('DELETE', gadgetsAt('a'))).code).toBe(200)
})

it('names that every object of JavaScript inherits are names like any other', async () => {
  const odd = gadgetsOf({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['toString'],
        properties: {
          constructor: { type: 'string', default: 'x' },
          toString: { type: 'integer' },
          map: { type: 'object', additionalProperties: { type: 'integer' } },
        },
      },
    },
  })
  const { json, ask } = await setUp(odd)
  const named = '{"__proto__":1,"hasOwnProperty":2}'
  const text = (spec: string) => JSON.stringify(gadget('a')).replace(/}$/, `,"spec":${spec}}`)
  expect(await json('POST', gadgetsAt(), { body: text(`{"map":{"__proto__":"x"}}`) })).toMatchObject({
    code: 422,
    body: { details: { causes: [{ field: 'spec.map.__proto__' }, { field: 'spec.toString', reason: 'FieldValueRequired' }] } },
  })
  expect((await json('POST', `${gadgetsAt()}?${strict}`, { body: text(`{"toString":1,"map":${named}}`) })).code).toBe(201)
  const answer = await ask('GET', gadgetsAt('a'))
  expect(answer.type === 'raw' && String(answer.raw)).toContain(`"spec":{"toString":1,"map":${named},"constructor":"x"}`)
  expect(await json('POST', `${gadgetsAt()}?${strict}`, { body: text('{"toString":1,"valueOf":1}') })).toMatchObject({ code: 400 })
})
