import { customResourceDefinitions } from '@bramble/shared/kinds/custom-resource-definition.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { expect, it } from 'vitest'
import { memoryLog } from '../../store/memory/memory-disk.ts'
import { createStore } from '../../store/mvcc.ts'
import { storageCodec } from '../objects/stored/storage-codec.ts'
import { storing } from '../objects/stored/storing.ts'
import { createTestApi, type Json } from '../testing/api.ts'
import { definitionOf, definitionsAt, shirt, shirtSchema, shirtsAt, versionOf } from '../testing/definitions.ts'

const merge = 'application/merge-patch+json'
const prefix = '/apiextensions.k8s.io/customresourcedefinitions/'
const conditionOf = ({ status }: Json, type: string) => status.conditions.find((each: Json) => each.type === type)
const established = {
  acceptedNames: { plural: 'shirts', kind: 'Shirt', singular: 'shirt', listKind: 'ShirtList' },
  storedVersions: ['v1'],
  conditions: [
    { type: 'NamesAccepted', status: 'True' },
    { type: 'Established', status: 'True' },
  ],
}

/** A hub that starts with what another one has written. */
async function startedWith(stored: Readonly<Record<string, string>>) {
  const log = memoryLog()
  const before = await createStore({ log, ...storing(createKindSet(builtIn)) })
  for (const [key, value] of Object.entries(stored)) await before.create(key, value)
  return createTestApi({}, log)
}

const textOf = (definition: Json) => storageCodec(customResourceDefinitions as never).encode(definition, undefined)
const storedAs = (definition: Json) => textOf({ ...definition, status: established, metadata: { ...definition.metadata, uid: 'u' } })

it('what was stored is served from the start of a hub', async () => {
  const { json } = await startedWith({ [`${prefix}shirts.stable.example.com`]: storedAs(definitionOf()) })
  expect((await json('POST', shirtsAt(), { body: shirt('a') })).code).toBe(201)
})

it('a stored definition that cannot be read or served keeps no hub from starting and no other from being served, and says why', async () => {
  const broken = definitionOf({
    kind: 'Skirt',
    plural: 'skirts',
    names: { singular: 'skirt', listKind: 'SkirtList' },
    version: { schema: { openAPIV3Schema: { type: 'string' } } },
  })
  const names = { plural: 'skirts', kind: 'Skirt', singular: 'skirt', listKind: 'SkirtList' }
  const { json } = await startedWith({
    [`${prefix}a.example.com`]: 'no JSON',
    [`${prefix}b.example.com`]:
      '{"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"b.example.com"}}',
    [`${prefix}c.example.com`]: textOf({ ...definitionOf(), spec: { versions: [null], names: 7 }, metadata: { name: 'c.example.com' } }),
    [`${prefix}skirts.stable.example.com`]: textOf({
      ...broken,
      status: { ...established, acceptedNames: names },
      metadata: { ...broken.metadata, uid: 'u' },
    }),
    [`${prefix}shirts.stable.example.com`]: storedAs(definitionOf()),
  })
  expect((await json('POST', shirtsAt(), { body: shirt('a') })).code).toBe(201)
  const skirt = { apiVersion: 'stable.example.com/v1', kind: 'Skirt', metadata: { name: 'a' } }
  expect(await json('POST', shirtsAt('', { plural: 'skirts' }), { body: skirt })).toMatchObject({
    code: 422,
    body: { message: expect.stringContaining('its schema cannot be used: openAPIV3Schema.type: Invalid value') },
  })
  await expect
    .poll(async () => conditionOf((await json('GET', definitionsAt('skirts.stable.example.com'))).body, 'NonStructuralSchema'))
    .toMatchObject({ status: 'True', reason: 'Violations', message: expect.stringContaining('must be object at the root') })
  expect((await json('GET', '/openapi/v3/apis/stable.example.com/v1')).code).toBe(200)
  const mended = { spec: { versions: [versionOf('v1', { storage: true })] } }
  expect((await json('PATCH', definitionsAt('skirts.stable.example.com'), { body: mended, contentType: merge })).code).toBe(200)
  expect((await json('POST', shirtsAt('', { plural: 'skirts' }), { body: { ...skirt, spec: { color: 'red' } } })).code).toBe(201)
  await expect
    .poll(async () => conditionOf((await json('GET', definitionsAt('skirts.stable.example.com'))).body, 'NonStructuralSchema'))
    .toBeUndefined()
})

it('of two definitions that were established at once with one kind the first is served, and the other when that has gone', async () => {
  const names = { singular: 'blouse', listKind: 'ShirtList' }
  const other = definitionOf({ plural: 'blouses', names })
  const { json } = await startedWith({
    [`${prefix}shirts.stable.example.com`]: storedAs(definitionOf({ names: { singular: 'shirt', listKind: 'ShirtList' } })),
    [`${prefix}blouses.stable.example.com`]: textOf({
      ...other,
      status: { ...established, acceptedNames: { plural: 'blouses', kind: 'Shirt', ...names } },
      metadata: { ...other.metadata, uid: 'v' },
    }),
  })
  const seen = async () => conditionOf((await json('GET', definitionsAt('blouses.stable.example.com'))).body, 'NamesAccepted')
  await expect.poll(seen).toMatchObject({ status: 'False', reason: 'ListKindConflict' })
  expect([(await json('GET', shirtsAt())).code, (await json('GET', shirtsAt('', { plural: 'blouses' }))).code]).toEqual([200, 404])
  await json('DELETE', definitionsAt('shirts.stable.example.com'))
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { metadata: { finalizers: null } }, contentType: merge })
  await expect.poll(seen).toMatchObject({ status: 'True' })
  expect((await json('GET', shirtsAt('', { plural: 'blouses' }))).code).toBe(200)
})

it('an object whose schema has become stricter, or fills in too much, can be read and keeps its finalizers until they are taken away', async () => {
  const { json } = await createTestApi()
  const items = { type: 'array', items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: {} } }
  const of = (spec: object) => ({ type: 'object', properties: { spec: { type: 'object', properties: { items, ...spec } } } })
  await json('POST', definitionsAt(), { body: definitionOf({ version: { schema: { openAPIV3Schema: of({}) } } }) })
  const held = shirt(
    'a',
    { items: Array.from({ length: 2000 }, () => ({})) },
    { metadata: { name: 'a', finalizers: ['example.com/held'] } },
  )
  await json('POST', shirtsAt(), { body: held })
  const large = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: { a: Array.from({ length: 200 }, () => 1) } }
  const later = of({ items: { ...items, items: { ...items.items, properties: { large } } } })
  const versions = [
    versionOf('v1', {
      storage: true,
      schema: { openAPIV3Schema: { ...later, required: ['other'], properties: { ...later.properties, other: { type: 'string' } } } },
    }),
  ]
  const changed = await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec: { versions } }, contentType: merge })
  expect([changed.code, changed.body.message]).toEqual([200, undefined])
  const { body, code } = await json('GET', shirtsAt('a'))
  expect([code, body.spec.items[0]]).toEqual([200, {}])
  expect((await json('GET', shirtsAt())).body.items).toHaveLength(1)
  expect(await json('POST', shirtsAt(), { body: { ...held, metadata: { name: 'b' } } })).toMatchObject({ code: 422 })
  expect((await json('DELETE', shirtsAt('a'))).body.metadata.finalizers).toEqual(['example.com/held'])
  expect((await json('GET', shirtsAt('a'))).code).toBe(200)
  const freed = await json('PATCH', shirtsAt('a'), { body: { metadata: { finalizers: null } }, contentType: merge })
  expect([freed.code, freed.body.message]).toEqual([200, undefined])
  expect((await json('GET', shirtsAt('a'))).code).toBe(404)
})

it('with conversion None every served version shows every object, and what was stored in an older one is written anew in the newer', async () => {
  const { json, store } = await createTestApi()
  const more = {
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { ...shirtSchema.properties.spec.properties, sleeves: { type: 'string', default: 'long' } } },
    },
  }
  const body = definitionOf({
    spec: { versions: [versionOf('v1beta1', { storage: true }), versionOf('v1', { schema: { openAPIV3Schema: more } })] },
  })
  await json('POST', definitionsAt(), { body })
  await json('POST', shirtsAt('', { version: 'v1beta1' }), {
    body: shirt('a', { color: 'red' }, { apiVersion: 'stable.example.com/v1beta1' }),
  })
  expect((await json('GET', shirtsAt('a'))).body).toMatchObject({
    apiVersion: 'stable.example.com/v1',
    spec: { color: 'red', sleeves: 'long' },
  })
  const spec = {
    versions: [versionOf('v1beta1', { served: false }), versionOf('v1', { storage: true, schema: { openAPIV3Schema: more } })],
  }
  const { body: moved } = await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec }, contentType: merge })
  expect(moved.status.storedVersions).toEqual(['v1beta1', 'v1'])
  expect((await json('GET', shirtsAt('', { version: 'v1beta1' }))).code).toBe(404)
  const { body: seen } = await json('GET', shirtsAt('a'))
  expect(seen.spec.sleeves).toBe('long')
  expect(store.get('/stable.example.com/shirts/default/a')?.value).toContain('v1beta1')
  await json('PUT', shirtsAt('a'), { body: seen })
  expect(store.get('/stable.example.com/shirts/default/a')?.value).not.toContain('"apiVersion":"stable.example.com/v1beta1","metadata"')
  const dropped = { status: { storedVersions: ['v1'] } }
  expect((await json('PATCH', definitionsAt('shirts.stable.example.com', 'status'), { body: dropped, contentType: merge })).code).toBe(200)
  const one = { spec: { versions: [versionOf('v1', { storage: true, schema: { openAPIV3Schema: more } })] } }
  expect((await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: one, contentType: merge })).code).toBe(200)
})

it('columns, short answers and selected fields are as the definition says', async () => {
  const { json } = await createTestApi()
  const version = {
    subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
    selectableFields: [{ jsonPath: '.spec.color' }],
    additionalPrinterColumns: [
      { name: 'Color', type: 'string', jsonPath: '.spec.color' },
      { name: 'Since', type: 'date', jsonPath: '.status.since', priority: 1 },
      { name: 'Seen', type: 'integer', jsonPath: '.status.replicas' },
    ],
  }
  await json('POST', definitionsAt(), { body: definitionOf({ version }) })
  await json('POST', shirtsAt(), { body: shirt('a', { color: 'red' }) })
  await json('POST', shirtsAt(), { body: shirt('b', { color: 'blue' }) })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const { body } = await json('GET', `${shirtsAt()}?fieldSelector=spec.color%3Dblue`, { accept })
  expect(body.columnDefinitions.map(({ name, type, priority }: Json) => `${name} ${type} ${priority}`)).toEqual([
    'Name string 0',
    'Color string 0',
    'Since string 1',
    'Seen integer 0',
  ])
  expect(body.rows.map(({ cells }: Json) => cells)).toEqual([['b', 'blue', null, null]])
  expect((await json('GET', `${shirtsAt()}?fieldSelector=spec.size%3DM`)).code).toBe(400)
  const scaled = await json('PATCH', `${shirtsAt('a')}/scale`, { body: { spec: { replicas: 4 } }, contentType: merge })
  expect(scaled).toMatchObject({ code: 200, body: { kind: 'Scale', spec: { replicas: 4 }, status: { replicas: 0 } } })
  expect((await json('GET', shirtsAt('a'))).body).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 2 } })
})

it('so many definitions and versions are taken as the hub has room for, and the rest is refused by what there are', async () => {
  const { json } = await createTestApi()
  const small = { schema: { openAPIV3Schema: { type: 'object' } }, served: false }
  const versions = (count: number) =>
    Array.from({ length: count }, (_, index) => versionOf(`v${index + 1}`, { storage: index === 0, ...small }))
  const make = (index: number, count: number) =>
    json('POST', definitionsAt(), { body: definitionOf({ kind: `K${index}`, plural: `k${index}`, spec: { versions: versions(count) } }) })
  expect(await make(0, 101)).toMatchObject({
    code: 507,
    body: { message: expect.stringContaining('it may have no more than 100 versions') },
  })
  for (let index = 0; index < 30; index++) expect((await make(index, 100)).code).toBe(201)
  expect(await make(30, 1)).toMatchObject({
    code: 507,
    body: { reason: 'InsufficientStorage', message: expect.stringContaining('3000 versions') },
  })
  await json('PATCH', definitionsAt('k3.stable.example.com'), { body: { spec: { versions: versions(1) } }, contentType: merge })
  expect((await make(30, 1)).code).toBe(201)
})
