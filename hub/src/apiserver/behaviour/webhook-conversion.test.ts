import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { honest, tube, tubeDefinition, tubesAt, tubeWebhook } from '../testing/conversion-webhook.ts'
import { definitionsAt } from '../testing/definitions.ts'

const merge = 'application/merge-patch+json'
const apply = 'application/apply-patch+yaml'

async function setUp(storage: 'v1' | 'v2' = 'v1') {
  const webhook = tubeWebhook()
  const api = await createTestApi({ postToWebhook: webhook.post })
  const made = await api.json('POST', definitionsAt(), { body: tubeDefinition(storage) })
  expect([made.code, made.body.message, made.headers.warning]).toEqual([201, undefined, undefined])
  const stored = (name: string): Json => JSON.parse(api.store.get(`/stable.example.com/tubes/default/${name}`)?.value ?? 'null')
  return { ...api, ...webhook, stored }
}

it('each version is served as the webhook converts it, by every verb, and one is stored', async () => {
  const { json, stored } = await setUp()
  const made = await json('POST', tubesAt('v2'), { body: tube('v2', 'a', { length: 3 }) })
  expect(made).toMatchObject({ code: 201, body: { apiVersion: 'stable.example.com/v2', spec: { length: 3, finish: 'matt' } } })
  expect(stored('a')).toMatchObject({ apiVersion: 'stable.example.com/v1', spec: { halves: 6 } })
  expect((await json('GET', tubesAt('v1', 'a'))).body.spec).toEqual({ halves: 6, finish: 'matt' })
  expect((await json('GET', tubesAt('v2', 'a'))).body.spec).toEqual({ length: 3, finish: 'matt' })

  const patched = await json('PATCH', tubesAt('v2', 'a'), { body: { spec: { length: 5 } }, contentType: merge })
  expect(patched).toMatchObject({ code: 200, body: { metadata: { generation: 2 }, spec: { length: 5 } } })
  expect(stored('a').spec.halves).toBe(10)
  const put = await json('PUT', tubesAt('v2', 'a'), { body: patched.body })
  expect(put.body.metadata.resourceVersion).toBe(patched.body.metadata.resourceVersion)
  await json('PATCH', `${tubesAt('v2', 'a')}/status`, { body: { status: { replicas: 1 } }, contentType: merge })
  expect((await json('GET', `${tubesAt('v2', 'a')}/scale`)).body).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 1 } })
  await json('PATCH', `${tubesAt('v2', 'a')}/scale`, { body: { spec: { replicas: 7 } }, contentType: merge })
  expect(stored('a').spec.halves).toBe(14)

  const { body: list } = await json('GET', tubesAt('v2'))
  expect(list.items.map(({ apiVersion, spec }: Json) => [apiVersion, spec.length])).toEqual([['stable.example.com/v2', 7]])
  const { body: table } = await json('GET', tubesAt('v2'), { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' })
  expect(table.rows.map(({ cells }: Json) => cells[0])).toEqual(['a'])
  expect((await json('DELETE', tubesAt('v2', 'a'))).code).toBe(200)
  expect(stored('a')).toBeNull()
})

it('what another version applies is owned there, and what is shown of it is compared in it', async () => {
  const { json } = await setUp()
  const applied = (version: 'v1' | 'v2', manager: string, spec: object) =>
    json('PATCH', `${tubesAt(version, 'a')}?fieldManager=${manager}`, { body: tube(version, 'a', spec), contentType: apply })
  expect((await applied('v2', 'long', { length: 3 })).code).toBe(201)
  const other = await applied('v1', 'half', { halves: 8, note: 'x' })
  expect(other).toMatchObject({
    code: 409,
    body: { message: expect.stringContaining('conflict with "long": .spec.length') },
  })
  expect((await applied('v1', 'half', { halves: 6, note: 'x' })).code).toBe(200)
  expect((await applied('v1', 'half', { note: 'x' })).body.spec).toMatchObject({ halves: 6, note: 'x' })
  await json('PATCH', tubesAt('v1', 'a'), { body: { spec: { halves: 20 } }, contentType: merge })
  const { body } = await json('GET', tubesAt('v2', 'a'))
  expect(body.spec).toMatchObject({ length: 10, note: 'x' })
  expect(body.metadata.managedFields.some(({ manager }: Json) => manager === 'long')).toBe(false)
})

it('a list of a thousand is asked for in a few reviews, and the next asks nobody', async () => {
  const { json, asked } = await setUp()
  for (let index = 0; index < 1000; index++) await json('POST', tubesAt('v1'), { body: tube('v1', `t${index}`, { halves: 2 * index }) })
  expect(asked).toEqual([])
  const { body } = await json('GET', tubesAt('v2'))
  expect(body.items).toHaveLength(1000)
  expect(body.items.every(({ spec, metadata }: Json) => metadata.name === `t${spec.length}`)).toBe(true)
  expect(asked).toEqual([500, 500])
  await json('GET', `${tubesAt('v2')}?labelSelector=a!=b`)
  await json('GET', tubesAt('v2', 't7'))
  expect(asked).toEqual([500, 500])
  await json('PATCH', tubesAt('v1', 't7'), { body: { spec: { halves: 0 } }, contentType: merge })
  const { items } = (await json('GET', tubesAt('v2'))).body
  expect(items.find(({ metadata }: Json) => metadata.name === 't7').spec).toEqual({ length: 0, finish: 'matt' })
  expect(asked).toEqual([500, 500, 1])
})

it('watches tell of changes in their version and order, and many of one version ask once', async () => {
  const { json, ask, asked } = await setUp()
  await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 2 }) })
  const stop = new AbortController()
  const open = async (version: 'v1' | 'v2') => {
    const response = await ask('GET', `${tubesAt(version)}?watch=true`, { signal: stop.signal })
    if (response.type !== 'events') throw new Error('expected a watch')
    const events = response.events[Symbol.asyncIterator]()
    return async () => {
      const { type, object } = JSON.parse((await events.next()).value.text)
      return `${type} ${object.apiVersion.split('/')[1]} ${object.metadata.name} ${object.spec.length ?? object.spec.halves}`
    }
  }
  const [first, second, old] = [await open('v2'), await open('v2'), await open('v1')]
  expect([await first(), await second(), await old()]).toEqual(['ADDED v2 a 1', 'ADDED v2 a 1', 'ADDED v1 a 2'])
  const before = asked.length
  for (let index = 0; index < 5; index++)
    await json('PATCH', tubesAt('v1', 'a'), { body: { spec: { halves: index * 10 } }, contentType: merge })
  await json('DELETE', tubesAt('v1', 'a'))
  for (const next of [first, second]) {
    const seen: string[] = []
    while (!seen.at(-1)?.startsWith('DELETED')) seen.push(await next())
    expect(seen).toEqual(['MODIFIED v2 a 0', ...[5, 10, 15, 20].map((length) => `MODIFIED v2 a ${length}`), 'DELETED v2 a 20'])
  }
  stop.abort()
  expect(asked.slice(before).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(7)
})

it('when the storage version changes, what was stored before is read through the webhook and written in the new one with its next write', async () => {
  const { json, stored } = await setUp()
  await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 6 }) })
  const { spec } = tubeDefinition('v2')
  const moved = await json('PATCH', definitionsAt('tubes.stable.example.com'), { body: { spec }, contentType: merge })
  expect(moved.body.status.storedVersions).toEqual(['v1', 'v2'])
  expect(stored('a').apiVersion).toBe('stable.example.com/v1')
  const { body } = await json('GET', tubesAt('v2', 'a'))
  expect(body.spec.length).toBe(3)
  await json('PUT', tubesAt('v2', 'a'), { body })
  expect(stored('a')).toMatchObject({ apiVersion: 'stable.example.com/v2', spec: { length: 3 } })
  expect((await json('GET', tubesAt('v1', 'a'))).body.spec.halves).toBe(6)
})

const about = 'conversion webhook for stable.example.com/v1, Kind=Tube'
const answeredWith = (change: (answer: Json) => void) => (review: Json) => {
  const answer = honest(review)
  change(answer)
  return answer
}
const first = (change: (object: Json) => void) => answeredWith(({ response }) => change(response.convertedObjects[0]))

it.each<readonly [string, (review: Json) => unknown, string]>([
  ['nothing', () => null, `${about} failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=`],
  ['no response', answeredWith((answer) => delete answer.response), `${about} failed: no response provided`],
  ['to another review', answeredWith(({ response }) => (response.uid = 'x')), `${about} failed: expected response.uid="`],
  [
    'a failure',
    answeredWith(({ response }) => (response.result = { status: 'Failure', message: 'too long' })),
    `${about} failed: too long`,
  ],
  ['no status', answeredWith(({ response }) => delete response.result), `${about} failed: response.result.status was '', not 'Success'`],
  ['too few', answeredWith(({ response }) => (response.convertedObjects = [])), `${about} returned 0 objects, expected 1`],
  [
    'another version',
    first((object) => (object.apiVersion = 'stable.example.com/v3')),
    `${about} returned invalid object: invalid groupVersion (expected stable.example.com/v2, received stable.example.com/v3)`,
  ],
  [
    'another kind',
    first((object) => (object.kind = 'Pipe')),
    `${about} returned invalid object: invalid kind (expected Tube, received Pipe)`,
  ],
  ['another name', first((object) => (object.metadata.name = 'b')), `${about} returned invalid object: must have the same name: a != b`],
  [
    'another namespace',
    first((object) => (object.metadata.namespace = 'b')),
    `${about} returned invalid object: must have the same namespace: default != b`,
  ],
  ['another uid', first((object) => (object.metadata.uid = 'b')), `${about} returned invalid object: must have the same UID: `],
  [
    'a label that is none',
    first((object) => (object.metadata.labels = { 'a b': 'c' })),
    `${about} returned invalid metadata: metadata.labels: Invalid value: "a b"`,
  ],
  [
    'an annotation that is no text',
    first((object) => (object.metadata.annotations = { a: 1 })),
    `${about} returned invalid metadata: metadata.annotations[a] must be a string, but is int64 in converted object`,
  ],
])('an answer with %s is an error without a reason, in the words of Kubernetes, by every verb', async (_what, answer, message) => {
  const { json, ask, state } = await setUp()
  await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 2 }) })
  state.answer = answer
  for (const [method, path] of [
    ['GET', tubesAt('v2', 'a')],
    ['GET', tubesAt('v2')],
    ['DELETE', tubesAt('v2', 'a')],
    ['DELETE', tubesAt('v2')],
  ] as const) {
    const { code, body } = await json(method, path)
    expect([code, body.reason]).toEqual([500, undefined])
    expect(body.message).toContain(message)
  }
  const stop = new AbortController()
  const response = await ask('GET', `${tubesAt('v2')}?watch=true`, { signal: stop.signal })
  if (response.type !== 'events') throw new Error('expected a watch')
  const { value } = await response.events[Symbol.asyncIterator]().next()
  stop.abort()
  expect(JSON.parse(value.text)).toMatchObject({ type: 'ERROR', object: { code: 500, message: expect.stringContaining(message) } })
  // What is stored can be had as it lies there, and let go.
  expect((await json('GET', tubesAt('v1', 'a'))).code).toBe(200)
  expect((await json('DELETE', tubesAt('v1', 'a'))).code).toBe(200)
})

it('a conversion changes labels and annotations, and nothing else of the metadata', async () => {
  const { json, state } = await setUp()
  await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 2 }, { finalizers: ['example.com/held'], labels: { a: 'b' } }) })
  state.answer = first(({ metadata }) => {
    Object.assign(metadata, { finalizers: [], ownerReferences: [{}], labels: { c: 'd' }, annotations: { e: 'f' }, generation: 9 })
  })
  const { metadata } = (await json('GET', tubesAt('v2', 'a'))).body
  expect(metadata).toMatchObject({ finalizers: ['example.com/held'], labels: { c: 'd' }, annotations: { e: 'f' }, generation: 1 })
  expect(metadata.ownerReferences).toBeUndefined()
})

it('a write that cannot be converted to what is stored is refused and changes nothing', async () => {
  const { json, state, stored } = await setUp()
  state.answer = () => Promise.reject(new Error('Post "https://tubes.example.com/convert?timeout=30s": context deadline exceeded'))
  const { code, body } = await json('POST', tubesAt('v2'), { body: tube('v2', 'a', { length: 3 }) })
  expect([code, body.reason, body.message]).toEqual([
    500,
    undefined,
    'conversion webhook for stable.example.com/v2, Kind=Tube failed: Post "https://tubes.example.com/convert?timeout=30s": context deadline exceeded',
  ])
  expect(stored('a')).toBeNull()
})

it('what a definition has stored goes with it while its webhook is silent, also when the stored version is not served', async () => {
  const { json, state, stored } = await setUp()
  await json('POST', tubesAt('v1'), { body: tube('v1', 'a', { halves: 2 }) })
  state.answer = () => Promise.reject(new Error('silent'))
  const { spec } = tubeDefinition()
  const [v1, v2] = spec.versions
  const versions = [{ ...v1, served: false }, v2]
  await json('PATCH', definitionsAt('tubes.stable.example.com'), { body: { spec: { versions } }, contentType: merge })
  expect((await json('GET', tubesAt('v1'))).code).toBe(404)
  await json('DELETE', definitionsAt('tubes.stable.example.com'))
  expect((await json('DELETE', tubesAt('v1'))).code).toBe(200)
  expect(stored('a')).toBeNull()
})
