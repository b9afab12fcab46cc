import { createLog } from '@bramble/shared/logging/log.ts'
import { type Service, services } from '@bramble/shared/kinds/service.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { expect, test } from 'vitest'
import { createLoopbackClient } from '../../../client/loopback.ts'
import { memoryLog } from '../../../store/memory/memory-disk.ts'
import { createStore } from '../../../store/mvcc.ts'
import { createApiServer } from '../../api-server.ts'
import { storing } from './storing.ts'
import { admin, createTestApi, pod } from '../../testing/api.ts'

const texts = [
  '{}',
  'null',
  '{"metadata":{}}',
  'no JSON',
  '{"kind":"Service","apiVersion":"v1","metadata":{"name":"x","uid":"u"},"spec":{"clusterIPs":7,"ports":{}}}',
]

test('no stored object keeps a hub from starting: one that is not understood is left out and told once', async () => {
  const kinds = createKindSet(builtIn)
  const store = await createStore({ log: memoryLog(), ...storing(kinds) })
  for (const [index, text] of texts.entries())
    for (const resource of ['services', 'pods']) await store.create(`/core/${resource}/default/odd${index}`, text)
  const lines: string[] = []
  const server = createApiServer({
    store,
    kinds,
    clock: systemClock,
    log: createLog({ write: (line) => void lines.push(line) }),
    serviceCidr: '10.43.0.0/24',
    openNodeStream: () => {
      throw new Error('this test has no nodes')
    },
  })
  await server.bootstrap()
  const client = createLoopbackClient({ handle: server.handle, user: admin, manager: 'test' })
  const spec: Service['spec'] = { ports: [{ port: 80, protocol: 'TCP' }], type: 'NodePort', sessionAffinity: 'None' }
  const metadata = { name: 'web', namespace: 'default' }
  const made = await client.create(services, { apiVersion: 'v1', kind: 'Service', metadata, spec })
  expect(made.spec.clusterIP).toMatch(/^10\.43\.0\./)
  const keys = lines.map((line) => JSON.parse(line).key)
  expect(keys).toEqual([...new Set(keys)])
  expect(keys).toContain('/core/services/default/odd0')
  server.close()
  await store.close()
})

test.each([
  ['the objects', '', 'application/json'],
  ['a table', '', 'application/json;as=Table;g=meta.k8s.io;v=v1'],
  ['the metadata', '', 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'],
  ['a label selector', '?labelSelector=!none', 'application/json'],
  ['a field selector', '?fieldSelector=metadata.namespace%3Ddefault', 'application/json'],
])('a stored object that cannot be read costs a list of the others nothing: by %s', async (_name, query, accept) => {
  const { ask, store } = await createTestApi()
  for (const [index, text] of texts.entries())
    for (const resource of ['services', 'pods']) await store.create(`/core/${resource}/default/odd${index}`, text)
  expect((await ask('POST', '/api/v1/namespaces/default/pods', { body: pod('good') })).status).toBe(201)
  for (const resource of ['pods', 'services']) {
    const answer = await ask('GET', `/api/v1/namespaces/default/${resource}${query}`, { accept })
    expect(answer.status).toBe(200)
    if (resource === 'pods') expect(JSON.stringify(answer)).toContain('good')
    if (answer.type === 'raw') expect(Array.isArray(JSON.parse(String(answer.raw)).items)).toBe(true)
  }
})

/** Sound at its head, and no object of its kind below: what is left of a pod that a node might be thought to run. */
const headAlone = (kind: string) =>
  JSON.stringify({
    kind,
    apiVersion: 'v1',
    metadata: { name: 'head', namespace: 'default', uid: `u-${kind}`, finalizers: ['example.com/held'] },
  })

test('a collection is deleted with what is stored in it and cannot be read; by a selector it stays', async () => {
  const { json, ask, store } = await createTestApi()
  for (const [resource, kind] of [
    ['services', 'Service'],
    ['pods', 'Pod'],
  ] as const) {
    for (const [index, text] of texts.entries()) await store.create(`/core/${resource}/default/odd${index}`, text)
    await store.create(`/core/${resource}/default/head`, headAlone(kind))
  }
  expect((await ask('POST', '/api/v1/namespaces/default/pods', { body: pod('zoe') })).status).toBe(201)
  expect((await ask('DELETE', '/api/v1/namespaces/default/pods?labelSelector=!none')).status).toBe(200)
  expect((await ask('GET', '/api/v1/namespaces/default/pods/zoe')).status).toBe(404)
  expect(store.list('/core/pods/default/').entries).toHaveLength(texts.length)
  for (const resource of ['pods', 'services']) {
    const { code, headers } = await json('DELETE', `/api/v1/namespaces/default/${resource}`)
    expect({ code, headers }).toMatchObject({ code: 200, headers: { warning: /cannot be read/ } })
    expect(store.list(`/core/${resource}/default/`).entries).toEqual([])
  }
})

test.each([
  ['by its name', 'DELETE', '/head'],
  ['by an eviction', 'POST', '/head/eviction'],
] as const)('a stored pod without a spec, which nobody could change any more, goes at once %s', async (_how, method, path) => {
  const { json, store } = await createTestApi()
  await store.create('/core/pods/default/head', headAlone('Pod'))
  const body = method === 'POST' ? { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'head' } } : undefined
  expect((await json(method, `/api/v1/namespaces/default/pods${path}`, { body })).code).toBe(method === 'POST' ? 201 : 200)
  expect(store.list('/core/pods/default/').entries).toEqual([])
})

test.each([
  ['the objects', 'application/json'],
  ['the metadata', 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'],
])('a stored object that cannot be read can be deleted by its name, and those who watch %s hear of it', async (_name, accept) => {
  const { json, ask, store } = await createTestApi()
  const revision = store.mark().disk
  for (const [index, text] of texts.slice(0, 4).entries())
    for (const resource of ['services', 'pods']) await store.create(`/core/${resource}/default/odd${index}`, text)
  const from = store.mark().disk
  expect(from).toBeGreaterThan(revision)
  for (const resource of ['pods', 'services']) {
    const stop = new AbortController()
    const path = `/api/v1/namespaces/default/${resource}?watch=true&resourceVersion=${from}`
    const watch = await ask('GET', path, { signal: stop.signal, accept })
    for (const [index] of texts.slice(0, 4).entries())
      expect(await json('DELETE', `/api/v1/namespaces/default/${resource}/odd${index}`)).toMatchObject({ code: 200 })
    expect(store.list(`/core/${resource}/default/`).entries).toEqual([])
    const gone: string[] = []
    if (watch.type === 'events')
      for await (const { text } of watch.events) {
        const { type, object } = JSON.parse(text)
        expect({ type, namespace: object.metadata.namespace }).toEqual({ type: 'DELETED', namespace: 'default' })
        if (gone.push(object.metadata.name) === 4) break
      }
    stop.abort()
    expect(gone).toEqual(['odd0', 'odd1', 'odd2', 'odd3'])
  }
})
