import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { expect, it } from 'vitest'
import { configMap, createTestApi, pod } from '../testing/api.ts'
import { deployment, deployments } from '../testing/apply.ts'

const at = '/api/v1/namespaces/default/configmaps'
const as = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`

it('the metadata of an object and of a list are two types, and who asks for the wrong one is told so', async () => {
  const { json } = await createTestApi()
  const posted = await json('POST', at, { body: configMap('a'), accept: as('PartialObjectMetadata') })
  expect(posted).toMatchObject({ code: 201, body: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } })
  expect((await json('GET', `${at}/a`, { accept: as('PartialObjectMetadata') })).body.kind).toBe('PartialObjectMetadata')
  expect((await json('GET', at, { accept: as('PartialObjectMetadataList') })).body).toMatchObject({
    kind: 'PartialObjectMetadataList',
    items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
  })
  expect(await json('GET', at, { accept: `${as('PartialObjectMetadata')},application/json` })).toMatchObject({
    code: 406,
    body: { message: 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)' },
  })
  const refused = { code: 406, body: { message: expect.stringMatching(/^you requested PartialObjectMetadataList, .* not a list/) } }
  expect(await json('GET', `${at}/a`, { accept: as('PartialObjectMetadataList') })).toMatchObject(refused)
  // A write is refused before it is done.
  expect(await json('DELETE', `${at}/a`, { accept: as('PartialObjectMetadataList') })).toMatchObject(refused)
  expect((await json('GET', `${at}/a`)).code).toBe(200)
})

const one = {
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
}
it.each([
  ['PartialObjectMetadata', one],
  ['Table', { kind: 'Table', columnDefinitions: [{ name: 'Name' }, {}, {}], rows: [{ cells: [expect.anything(), 0, null], object: one }] }],
])('bookmarks of a watch of %s are of that type', async (form, object) => {
  const { ask } = await createTestApi()
  const stop = new AbortController()
  const query = 'watch=1&allowWatchBookmarks=1&sendInitialEvents=1&resourceVersionMatch=NotOlderThan'
  const answer = await ask('GET', `${at}?${query}`, { accept: as(form), signal: stop.signal })
  if (answer.type !== 'events') throw new Error('no watch')
  const seen: RawWatchEvent[] = []
  for await (const event of answer.events) {
    seen.push(event)
    if (event.type === 'BOOKMARK') break
  }
  stop.abort()
  expect(JSON.parse(seen.at(-1)?.text ?? '')).toMatchObject({ type: 'BOOKMARK', object })
})

it.each(['v1', 'v1beta1'])('what is made of objects is of the version of meta.k8s.io that is asked for: %s', async (version) => {
  const { ask, json } = await createTestApi()
  const wanted = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=${version}`
  const apiVersion = `meta.k8s.io/${version}`
  const one = { kind: 'PartialObjectMetadata', apiVersion }
  expect((await json('POST', at, { body: configMap('a'), accept: wanted('PartialObjectMetadata') })).body).toMatchObject(one)
  expect((await json('GET', `${at}/a`, { accept: wanted('Table') })).body).toMatchObject({
    kind: 'Table',
    apiVersion,
    rows: [{ object: one }],
  })
  for (const query of ['', '?limit=1']) {
    expect((await json('GET', `${at}${query}`, { accept: wanted('Table') })).body).toMatchObject({
      kind: 'Table',
      apiVersion,
      rows: [{ object: one }],
    })
    const list = { kind: 'PartialObjectMetadataList', apiVersion, items: [one] }
    expect((await json('GET', `${at}${query}`, { accept: wanted('PartialObjectMetadataList') })).body).toMatchObject(list)
  }
  for (const kind of ['Table', 'PartialObjectMetadata']) {
    const stop = new AbortController()
    const answer = await ask('GET', `${at}?watch=1`, { accept: wanted(kind), signal: stop.signal })
    if (answer.type !== 'events') throw new Error('no watch')
    for await (const event of answer.events) {
      expect(JSON.parse(event.text ?? '')).toMatchObject({ type: 'ADDED', object: { kind, apiVersion } })
      break
    }
    stop.abort()
  }
})

it('what is answered and not kept has no rows in a table', async () => {
  const { json } = await createTestApi()
  await json('POST', '/api/v1/namespaces/default/pods', { body: pod('a') })
  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const review = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }
  const posted: readonly (readonly [string, object])[] = [
    [reviews, review],
    ['/apis/authentication.k8s.io/v1/selfsubjectreviews', {}],
    ['/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } }],
    ['/api/v1/namespaces/default/bindings', { metadata: { name: 'a' }, target: { name: 'n' } }],
    ['/api/v1/namespaces/default/pods/a/binding', { metadata: { name: 'a' }, target: { name: 'n' } }],
    ['/api/v1/namespaces/default/pods/a/eviction', { metadata: { name: 'a' } }],
  ]
  for (const [url, body] of posted) expect([url, (await json('POST', url, { body, accept: as('Table') })).code]).toEqual([url, 406])
  expect((await json('GET', '/api/v1/namespaces/default/pods/a')).body.spec.nodeName).toBeUndefined()
  expect((await json('POST', reviews, { body: review, accept: `${as('Table')},application/json` })).code).toBe(201)
  expect((await json('POST', at, { body: configMap('a'), accept: as('Table') })).body.kind).toBe('Table')
})

it('a scale has no zero in its spec, as Go writes it, and the forms of any object', async () => {
  const { json } = await createTestApi()
  await json('POST', deployments, { body: deployment({ replicas: 0 }) })
  const { body } = await json('GET', `${deployments}/d/scale`)
  expect([body.spec, body.status]).toEqual([{}, { replicas: 0, selector: 'a=b' }])
  const missing = [{ op: 'test', path: '/spec/replicas', value: 0 }]
  const contentType = 'application/json-patch+json'
  expect((await json('PATCH', `${deployments}/d/scale`, { body: missing, contentType })).code).toBe(422)
  const { body: rows } = await json('GET', `${deployments}/d/scale`, { accept: as('Table') })
  expect(rows.rows[0].cells.slice(0, 3)).toEqual(['d', 0, 0])
  expect((await json('GET', `${deployments}/d/scale`, { accept: as('PartialObjectMetadata') })).body.kind).toBe('PartialObjectMetadata')
})
