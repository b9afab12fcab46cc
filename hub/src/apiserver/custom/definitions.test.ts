import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { definitionOf, definitionsAt, shirt, shirtsAt, versionOf } from '../testing/definitions.ts'

const merge = 'application/merge-patch+json'
const conditionsOf = ({ status }: Json) =>
  Object.fromEntries(status.conditions.map(({ type, status, reason }: Json) => [type, `${status} ${reason}`]))

it('a definition is established in the answer to its creation, and its objects are served from then on', async () => {
  const { json } = await createTestApi()
  expect((await json('GET', shirtsAt())).code).toBe(404)
  const { code, body } = await json('POST', `${definitionsAt()}?fieldValidation=Strict`, {
    body: definitionOf({ names: { shortNames: ['sh'], categories: ['all'] } }),
  })
  expect([code, body.message]).toEqual([201, undefined])
  expect(conditionsOf(body)).toEqual({ NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' })
  const names = { plural: 'shirts', singular: 'shirt', kind: 'Shirt', listKind: 'ShirtList', shortNames: ['sh'], categories: ['all'] }
  expect(body).toMatchObject({
    metadata: { generation: 1 },
    spec: { names, conversion: { strategy: 'None' } },
    status: { acceptedNames: names, storedVersions: ['v1'] },
  })

  const made = await json('POST', `${shirtsAt()}?fieldValidation=Strict`, { body: shirt('a') })
  expect(made).toMatchObject({ code: 201, body: { spec: { color: 'blue', size: 'M', replicas: 1 }, metadata: { generation: 1 } } })
  expect((await json('GET', shirtsAt())).body).toMatchObject({ kind: 'ShirtList', items: [{ metadata: { name: 'a' } }] })
  expect((await json('GET', '/apis/stable.example.com/v1')).body.resources).toMatchObject([
    { name: 'shirts', singularName: 'shirt', kind: 'Shirt', namespaced: true, shortNames: ['sh'], categories: ['all'] },
  ])
  const { body: v3 } = await json('GET', '/openapi/v3/apis/stable.example.com/v1')
  expect(v3.components.schemas['com.example.stable.v1.Shirt'].properties.spec.properties.color.description).toBe('In what colour.')
  const { body: v2 } = await json('GET', '/openapi/v2')
  expect(v2.definitions['com.example.stable.v1.Shirt']).toBeDefined()
})

it('whatever is said of a condition of a definition is taken', async () => {
  const { json } = await createTestApi()
  const { body } = await json('POST', definitionsAt(), { body: definitionOf() })
  const status = {
    ...body.status,
    conditions: [...body.status.conditions, { type: '', status: '', lastTransitionTime: null, message: 'put' }],
  }
  const at = `${definitionsAt('shirts.stable.example.com')}/status`
  const put = await json('PUT', at, { body: { ...body, status } })
  expect(put).toMatchObject({ code: 200, body: { status: { conditions: [...body.status.conditions, { type: '', message: 'put' }] } } })
  const patch = [{ op: 'add', path: '/status/conditions', value: [{ message: 'patched' }] }]
  const patched = await json('PATCH', at, { body: patch, contentType: 'application/json-patch+json' })
  expect(patched).toMatchObject({
    code: 200,
    body: { status: { conditions: expect.arrayContaining([{ lastTransitionTime: null, type: '', status: '', message: 'patched' }]) } },
  })
})

it('names that somebody else of the group has are refused in the status, and given when they become free', async () => {
  const { json } = await createTestApi()
  await json('POST', definitionsAt(), { body: definitionOf() })
  const { body, code } = await json('POST', definitionsAt(), { body: definitionOf({ plural: 'blouses', names: { singular: 'blouse' } }) })
  expect(code).toBe(201)
  expect(conditionsOf(body)).toEqual({ NamesAccepted: 'False ListKindConflict', Established: 'False NotAccepted' })
  expect(body.status.acceptedNames).toEqual({ plural: 'blouses', singular: 'blouse', kind: '' })
  expect((await json('GET', shirtsAt('', { plural: 'blouses' }))).code).toBe(404)
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec: { names: { listKind: 'Shirts' } } }, contentType: merge })
  await expect
    .poll(async () => conditionsOf((await json('GET', definitionsAt('blouses.stable.example.com'))).body))
    .toEqual({ NamesAccepted: 'False KindConflict', Established: 'False NotAccepted' })
  await json('DELETE', definitionsAt('shirts.stable.example.com'))
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { metadata: { finalizers: null } }, contentType: merge })
  await expect
    .poll(async () => conditionsOf((await json('GET', definitionsAt('blouses.stable.example.com'))).body))
    .toEqual({ NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' })
  expect((await json('GET', shirtsAt('', { plural: 'blouses' }))).code).toBe(200)
})

it('goes with its objects: it stays marked until whoever empties it lets go, and is then served no more', async () => {
  const { json } = await createTestApi()
  await json('POST', definitionsAt(), { body: definitionOf() })
  await json('POST', shirtsAt(), { body: shirt('a') })
  const { body, code } = await json('DELETE', definitionsAt('shirts.stable.example.com'))
  expect(code).toBe(200)
  expect(body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
  expect(conditionsOf(body)).toMatchObject({ Terminating: 'True InstanceDeletionPending' })
  expect((await json('POST', shirtsAt(), { body: shirt('b') })).code).toBe(405)
  expect((await json('GET', shirtsAt('a'))).code).toBe(200)
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { metadata: { finalizers: null } }, contentType: merge })
  expect((await json('GET', definitionsAt('shirts.stable.example.com'))).code).toBe(404)
  expect((await json('GET', shirtsAt('a'))).code).toBe(404)
  expect((await json('GET', '/apis/stable.example.com/v1')).code).toBe(404)
})

it('who watches its objects hears of all that go with it, and then that there is nothing more to hear of', async () => {
  const { json, ask } = await createTestApi()
  await json('POST', definitionsAt(), { body: definitionOf() })
  await json('POST', shirtsAt(), { body: shirt('a') })
  const answer = await ask('GET', `${shirtsAt()}?watch=true`)
  if (answer.type !== 'events') throw new Error(`expected a watch, found ${answer.type}`)
  await json('DELETE', definitionsAt('shirts.stable.example.com'))
  await json('DELETE', shirtsAt('a'))
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { metadata: { finalizers: null } }, contentType: merge })
  const told: string[] = []
  for await (const { type } of answer.events) told.push(type)
  expect(told).toEqual(['ADDED', 'DELETED'])
})

it('what OpenAPI names a group by changes with what is in it, and with nothing else', async () => {
  const { json } = await createTestApi()
  const path = 'apis/stable.example.com/v1'
  const hash = async () => /hash=(\w+)/.exec((await json('GET', '/openapi/v3')).body.paths[path].serverRelativeURL)?.[1]
  await json('POST', definitionsAt(), { body: definitionOf() })
  const first = await hash()
  const { headers } = await json('GET', `/openapi/v3/${path}?hash=${first}`)
  expect(headers).toMatchObject({ etag: `"${first}"`, 'cache-control': 'public, max-age=31536000, immutable' })
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })
  expect(await hash()).toBe(first)
  const versions = [versionOf('v1', { storage: true, schema: { openAPIV3Schema: { type: 'object', description: 'Another.' } } })]
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec: { versions } }, contentType: merge })
  const second = await hash()
  expect(second).not.toBe(first)
  const scaled = [{ ...versions[0], subresources: { status: {} } }]
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec: { versions: scaled } }, contentType: merge })
  expect([first, second]).not.toContain(await hash())
})

it('a list calls itself as the definition says', async () => {
  const { json } = await createTestApi()
  await json('POST', definitionsAt(), { body: definitionOf({ names: { listKind: 'Wardrobe' } }) })
  await json('POST', shirtsAt(), { body: shirt('a') })
  expect((await json('GET', shirtsAt())).body).toMatchObject({ kind: 'Wardrobe', items: [{ kind: 'Shirt' }] })
  expect((await json('GET', '/openapi/v3/apis/stable.example.com/v1')).body.components.schemas).toHaveProperty([
    'com.example.stable.v1.Wardrobe',
  ])
  expect((await json('DELETE', shirtsAt())).body).toMatchObject({ kind: 'Wardrobe' })
})

it('a version that is out of date warns whoever asks for it', async () => {
  const { json } = await createTestApi()
  await json('POST', definitionsAt(), { body: definitionOf({ version: { deprecated: true } }) })
  expect((await json('GET', shirtsAt())).headers).toMatchObject({
    warning: expect.stringContaining('stable.example.com/v1 Shirt is deprecated'),
  })
})

it('server-side apply and patches follow the list types of the schema', async () => {
  const { json } = await createTestApi()
  const item = { type: 'object', required: ['name'], properties: { name: { type: 'string' }, n: { type: 'integer' } } }
  const items = { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: { items } } } }
  await json('POST', definitionsAt(), { body: definitionOf({ version: { schema: { openAPIV3Schema: schema } } }) })
  const apply = (manager: string, spec: object) =>
    json('PATCH', `${shirtsAt('a')}?fieldManager=${manager}`, { body: shirt('a', spec), contentType: 'application/apply-patch+yaml' })
  expect((await apply('one', { items: [{ name: 'x', n: 1 }] })).code).toBe(201)
  expect((await apply('two', { items: [{ name: 'y', n: 2 }] })).body.spec.items).toEqual([
    { name: 'x', n: 1 },
    { name: 'y', n: 2 },
  ])
  expect((await apply('two', { items: [{ name: 'x', n: 3 }] })).code).toBe(409)
  const strategic = { body: { spec: {} }, contentType: 'application/strategic-merge-patch+json' }
  expect((await json('PATCH', shirtsAt('a'), strategic)).code).toBe(415)
})
