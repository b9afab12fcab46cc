import { describe, expect, it, test } from 'vitest'
import { configMap, createTestApi } from '../testing/api.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const merge = 'application/merge-patch+json'

test.each(['v1', 'apps/v1', 'meta.k8s.io/v1'])(
  'DeleteOptions of %s are taken: clients send those of the group they delete in',
  async (apiVersion) => {
    const { json } = await createTestApi()
    await json('POST', maps, { body: configMap('a', {}, { name: 'a', finalizers: ['example.com/held'] }) })
    const body = { kind: 'DeleteOptions', apiVersion, propagationPolicy: 'Foreground' }
    const { code, body: answer } = await json('DELETE', `${maps}/a`, { body })
    expect({ code, finalizers: answer.metadata.finalizers }).toEqual({ code: 200, finalizers: ['example.com/held', 'foregroundDeletion'] })
    expect((await json('DELETE', `${maps}/a`, { body: { ...body, kind: 'ConfigMap' } })).code).toBe(400)
  },
)

describe('a key that a patch has twice', () => {
  const body = '{"data":{"a":"1","a":"2"}}'
  const patched = async (query: string) => {
    const { json } = await createTestApi()
    await json('POST', maps, { body: configMap('a') })
    return json('PATCH', `${maps}/a${query}`, { body, contentType: merge })
  }
  it.each(['', '?fieldValidation=Warn'])('is told to its sender%s, and the last one counts', async (query) => {
    expect(await patched(query)).toMatchObject({
      code: 200,
      body: { data: { a: '2' } },
      headers: { warning: /duplicate field \\"data\.a\\"/ },
    })
  })
  it('is refused where validation is strict, and nobody is told where it is off', async () => {
    expect((await patched('?fieldValidation=Strict')).body.message).toContain('duplicate field "data.a"')
    expect((await patched('?fieldValidation=Ignore')).headers).not.toHaveProperty('warning')
  })
})

describe('a revision in a query', () => {
  it('is that of the page that is asked for, and the least of a list and of a get', async () => {
    const { json } = await createTestApi()
    await json('POST', maps, { body: configMap('a') })
    const { resourceVersion } = (await json('GET', maps)).body.metadata
    await json('POST', maps, { body: configMap('b') })
    const namesIn = async (query: string) =>
      (await json('GET', `${maps}?${query}`)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)
    expect(await namesIn(`resourceVersion=${resourceVersion}&limit=500`)).toEqual(['a'])
    expect(await namesIn(`resourceVersion=${resourceVersion}&limit=500&resourceVersionMatch=NotOlderThan`)).toEqual(['a', 'b'])
    expect(await namesIn(`resourceVersion=${resourceVersion}`)).toEqual(['a', 'b'])
    expect(await namesIn('resourceVersion=0&limit=500')).toEqual(['a', 'b'])
    expect((await json('GET', `${maps}/b?resourceVersion=${resourceVersion}`)).code).toBe(200)
    const early = await json('GET', `${maps}/a?resourceVersion=999999999`)
    expect({ code: early.code, causes: early.body.details.causes }).toMatchObject({
      code: 504,
      causes: [{ reason: 'ResourceVersionTooLarge' }],
    })
  })
})

test('a PUT of a Lease without a revision is refused: two could take one lock', async () => {
  const { json } = await createTestApi()
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'lock' }, spec: { holderIdentity: 'first' } }
  const { body } = await json('POST', leases, { body: lease })
  const second = { ...lease, spec: { holderIdentity: 'second' } }
  const { code, body: refusal } = await json('PUT', `${leases}/lock`, { body: second })
  expect({ code, message: refusal.message }).toMatchObject({
    code: 422,
    message: /metadata\.resourceVersion: .*must be specified for an update/,
  })
  expect((await json('PUT', `${leases}/lock`, { body: { ...second, metadata: body.metadata } })).code).toBe(200)
  expect((await json('PATCH', `${leases}/lock`, { body: { spec: { holderIdentity: 'third' } }, contentType: merge })).code).toBe(200)
})

test.each([
  ['job-', 201],
  ['a.b-', 201],
  ['Job_', 422],
  ['-a', 422],
])('the beginning of a name, %j, is held to the rules of names, also beside a name: %i', async (generateName, code) => {
  const { json } = await createTestApi()
  expect((await json('POST', maps, { body: configMap('a', {}, { name: 'given', generateName }) })).code).toBe(code)
  expect((await json('POST', maps, { body: configMap('a', {}, { generateName }) })).code).toBe(code)
})

test('base64 with the line ends of the tool that made it is stored without them, and so are loose bits', async () => {
  const { json } = await createTestApi()
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { a: 'aGVs\nbG8=\n', b: 'eW==', c: '' },
    immutable: true,
  }
  expect((await json('POST', '/api/v1/namespaces/default/secrets', { body: secret })).body.data).toEqual({
    a: 'aGVsbG8=',
    b: 'eQ==',
    c: '',
  })
  const again = await json('PUT', '/api/v1/namespaces/default/secrets/s', { body: secret })
  expect(again.code).toBe(200)
})
