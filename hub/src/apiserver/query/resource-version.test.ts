import { describe, expect, it } from 'vitest'
import { configMap, createTestApi } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'
const parsed = (text: string, why = 'invalid syntax') => `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
const inQuery = (text: string, why?: string) => `resourceVersion: Invalid value: ${JSON.stringify(text)}: ${parsed(text, why)}`
const contentType = 'application/merge-patch+json'

describe('a resourceVersion that is none', () => {
  it.each([
    ['x', 'invalid syntax'],
    ['-1', 'invalid syntax'],
    ['1.5', 'invalid syntax'],
    ['18446744073709551616', 'value out of range'],
  ])('%s in a query is told as Kubernetes tells it, which blames itself but for lists', async (text, why) => {
    const { json } = await createTestApi()
    const asked = `resourceVersion=${text}`
    for (const path of [`${url}/kube-root-ca.crt?${asked}`, `${url}?watch=true&${asked}`]) {
      const { code, body } = await json('GET', path)
      expect([code, body.message, body.reason]).toEqual([500, inQuery(text, why), undefined])
    }
    expect(await json('GET', `${url}?${asked}`)).toMatchObject({
      code: 400,
      body: { reason: 'BadRequest', message: `invalid resource version: ${inQuery(text, why)}` },
    })
  })

  it('in a change is no conflict, and of which object it is about is looked at before', async () => {
    const { json } = await createTestApi()
    const made = await json('POST', url, { body: configMap('a') })
    const { uid, resourceVersion } = made.body.metadata
    const put = (metadata: Record<string, unknown>) => json('PUT', `${url}/a`, { body: configMap('a', {}, metadata) })
    const merge = (metadata: Record<string, unknown>) => json('PATCH', `${url}/a`, { body: { metadata }, contentType })
    for (const change of [put, merge]) {
      const { code, body } = await change({ resourceVersion: 'Ä b' })
      expect([code, body.message, body.reason]).toEqual([500, parsed('Ä b'), undefined])
      expect(await change({ resourceVersion: '1' })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
      expect(await change({ resourceVersion: `00${resourceVersion}` })).toMatchObject({ code: 200 })
    }
    expect(await put({ resourceVersion: 'x', uid: 'other' })).toMatchObject({ code: 409 })
    expect(await put({ resourceVersion: 'x', uid })).toMatchObject({ code: 500 })
  })

  it('of what is not there says nothing where the rest would be refused for it', async () => {
    const { json } = await createTestApi()
    const body = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'a' } }
    expect(await json('PUT', '/apis/policy/v1/namespaces/default/poddisruptionbudgets/a', { body })).toMatchObject({ code: 404 })
  })
})

it('a resourceVersion of what is made is refused as the store of Kubernetes refuses it, by its number alone', async () => {
  const { json } = await createTestApi()
  const post = (resourceVersion: string) => json('POST', url, { body: configMap('a', {}, { resourceVersion }) })
  const { code, body } = await post('12')
  expect([code, body.message, body.reason]).toEqual([500, 'resourceVersion should not be set on objects to be created', undefined])
  expect((await post('x')).code).toBe(201)
})
