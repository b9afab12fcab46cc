import { describe, expect, it } from 'vitest'
import { createTestApi, pod } from '../testing/api.ts'

const inDefault = '/api/v1/namespaces/default'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const labels = { a: 'b' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }

/** Each subresource with a body that asks for something about the object of that metadata. */
const asks = [
  ['PUT', '/api/v1/namespaces/x/finalize', 'Namespace', 'v1', { spec: { finalizers: [] } }],
  ['PUT', `${deployments}/web/scale`, 'Scale', 'autoscaling/v1', { spec: { replicas: 3 } }],
  [
    'PUT',
    `${deployments}/web/status`,
    'Deployment',
    'apps/v1',
    { spec: { selector: { matchLabels: labels }, template }, status: { replicas: 3 } },
  ],
  ['POST', `${inDefault}/pods/p/binding`, 'Binding', 'v1', { target: { kind: 'Node', name: 'n' } }],
] as const

describe.each(asks)('%s %s', (method, url, kind, apiVersion, rest) => {
  const setUp = async () => {
    const api = await createTestApi()
    await api.json('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } } })
    await api.json('POST', `${inDefault}/pods`, { body: pod('p') })
    const spec = { selector: { matchLabels: labels }, template }
    await api.json('POST', deployments, { body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec } })
    const [, parent = ''] = /^(.*)\/[a-z]+$/.exec(url) ?? []
    const { metadata } = (await api.json('GET', parent)).body
    const ask = (changed: object) =>
      api.json(method, url, { body: { apiVersion, kind, metadata: { name: metadata.name, ...changed }, ...rest } })
    return { ...api, ask, metadata }
  }

  it('is about the very object that its body means', async () => {
    const { ask, metadata, store } = await setUp()
    const before = store.mark().disk
    expect(await ask({ resourceVersion: '1' })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    expect(await ask({ uid: 'another' })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    expect((await ask({ name: 'another' })).code).toBe(400)
    if (metadata.namespace !== undefined) expect((await ask({ namespace: 'another' })).code).toBe(400)
    expect(store.mark().disk).toBe(before)
    const { name, namespace, uid, resourceVersion } = metadata
    expect((await ask({ name, namespace, uid, resourceVersion })).code).toBeLessThan(300)
  })
})

it('an eviction is of the pod in its path, in its namespace', async () => {
  const { json } = await createTestApi()
  await json('POST', `${inDefault}/pods`, { body: pod('p') })
  const evict = (metadata: object) =>
    json('POST', `${inDefault}/pods/p/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata } })
  expect((await evict({ name: 'p', namespace: 'another' })).code).toBe(400)
  expect((await evict({ name: 'another' })).code).toBe(400)
  expect((await json('GET', `${inDefault}/pods/p`)).code).toBe(200)
  expect((await evict({ name: 'p', namespace: 'default' })).code).toBe(201)
})
