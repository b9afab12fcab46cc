import { describe, expect, it } from 'vitest'
import { configMap, createTestApi, type Json, pod } from '../testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

describe('dry runs', () => {
  it('a dry-run create makes nothing when a delete of that name is in flight', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: configMap('a') })
    const [, tried] = await Promise.all([json('DELETE', `${url}/a`), json('POST', `${url}?dryRun=All`, { body: configMap('a') })])
    expect(tried.code).toBe(409)
    expect((await json('GET', `${url}/a`)).code).toBe(404)
  })

  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  }
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  const merge = 'application/merge-patch+json'
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 3 } }

  it.each<[string, 'POST' | 'PUT' | 'PATCH' | 'DELETE', string, object | undefined, string]>([
    ['create', 'POST', url, configMap('new'), 'CreateOptions'],
    ['update', 'PUT', `${url}/a`, configMap('a', { k: '2' }), 'UpdateOptions'],
    ['patch', 'PATCH', `${url}/a`, { data: { k: '2' } }, 'PatchOptions'],
    ['delete', 'DELETE', `${url}/a`, undefined, 'DeleteOptions'],
    ['deletecollection', 'DELETE', url, undefined, 'DeleteOptions'],
    ['status', 'PATCH', `${pods}/p/status`, { status: { phase: 'Running' } }, 'PatchOptions'],
    ['binding', 'POST', `${pods}/p/binding`, binding, 'CreateOptions'],
    ['eviction', 'POST', `${pods}/p/eviction`, eviction, 'CreateOptions'],
    ['scale', 'PUT', `${deployments}/web/scale`, scale, 'UpdateOptions'],
  ])('a dryRun without a value is refused in the words of Kubernetes, and nothing is done: %s', async (_name, method, path, body, kind) => {
    const { json, store } = await createTestApi()
    await json('POST', url, { body: configMap('a', { k: '1' }) })
    await json('POST', pods, { body: pod('p') })
    await json('POST', deployments, { body: deployment })
    const before = store.mark().disk
    for (const [value, shown] of [
      ['', '""'],
      ['true', '"true"'],
    ])
      expect(await json(method, `${path}?dryRun=${value}`, { body, ...(method === 'PATCH' && { contentType: merge }) })).toMatchObject({
        code: 422,
        body: {
          reason: 'Invalid',
          message: `${kind}.meta.k8s.io "" is invalid: dryRun: Unsupported value: [${shown}]: supported values: "All"`,
        },
      })
    expect(store.mark().disk).toBe(before)
  })

  it('a dryRun in the body of a delete counts, and one without a value is refused', async () => {
    const { json } = await createTestApi()
    await json('POST', url, { body: configMap('a') })
    const options = (dryRun: string[]) => ({ apiVersion: 'v1', kind: 'DeleteOptions', dryRun })
    expect((await json('DELETE', `${url}/a`, { body: options([]) })).code).toBe(200)
    await json('POST', url, { body: configMap('a') })
    expect((await json('DELETE', `${url}/a`, { body: options(['All']) })).code).toBe(200)
    for (const path of [`${url}/a`, url]) expect((await json('DELETE', path, { body: options(['']) })).code).toBe(422)
    expect((await json('GET', `${url}/a`)).code).toBe(200)
  })
})

describe('writes that change nothing', () => {
  const reversed = (value: Json): Json =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .toReversed()
            .map(([key, member]) => [key, reversed(member)]),
        )

  it.each<[string, string, (name: string) => object]>([
    ['a ConfigMap', url, (name) => configMap(name, { b: '1', a: '2' }, { labels: { z: '1', y: '2' }, annotations: { q: '1', p: '2' } })],
    ['a pod', pods, (name) => pod(name, { nodeSelector: { b: '1', a: '2' } }, { labels: { z: '1', y: '2' } })],
  ])(
    'a PUT of what was just read, in whatever order, and an empty patch write nothing and send no event: %s',
    async (_name, path, make) => {
      const { json, ask, store } = await createTestApi()
      await json('POST', path, { body: make('a') })
      const { body: read } = await json('GET', `${path}/a`)
      const stop = new AbortController()
      const response = await ask('GET', `${path}?watch=true&resourceVersion=${read.metadata.resourceVersion}`, { signal: stop.signal })
      if (response.type !== 'events') throw new Error('expected a watch')
      const events = response.events[Symbol.asyncIterator]()
      const before = store.mark().disk
      expect((await json('PUT', `${path}/a`, { body: read })).code).toBe(200)
      const again = await json('PUT', `${path}/a`, { body: reversed(read) })
      expect(again).toMatchObject({ code: 200, body: read })
      for (const contentType of ['application/merge-patch+json', 'application/strategic-merge-patch+json'])
        expect((await json('PATCH', `${path}/a`, { body: {}, contentType })).body).toEqual(read)
      expect((await json('PATCH', `${path}/a`, { body: [], contentType: 'application/json-patch+json' })).body).toEqual(read)
      expect(store.mark().disk).toBe(before)
      await json('POST', path, { body: make('b') })
      expect((await events.next()).value.object.metadata.name).toBe('b')
      stop.abort()
    },
  )
})

describe('races', () => {
  const services = '/api/v1/namespaces/default/services'
  const service = (name: string, nodePort?: number) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type: nodePort === undefined ? 'ClusterIP' : 'NodePort', ports: [{ port: 80, ...(nodePort !== undefined && { nodePort }) }] },
  })

  it('the loser of an update race does not give away the port that the winner has', async () => {
    const { json } = await createTestApi()
    const { body: made } = await json('POST', services, { body: service('a') })
    const wanted = { ...made, spec: { ...made.spec, ...service('a', 30080).spec } }
    const codes = (await Promise.all([1, 2].map(() => json('PUT', `${services}/a`, { body: wanted })))).map(({ code }) => code)
    expect(codes.toSorted()).toEqual([200, 409])
    expect((await json('POST', services, { body: service('b', 30080) })).code).toBe(422)
  })

  it('what a lost or refused write had claimed is free again', async () => {
    const { json } = await createTestApi()
    const { body: made } = await json('POST', services, { body: service('a') })
    const wanted = (port: number) => ({ ...made, spec: { ...made.spec, ...service('a', port).spec } })
    const codes = (await Promise.all([30080, 30081].map((port) => json('PUT', `${services}/a`, { body: wanted(port) })))).map(
      ({ code }) => code,
    )
    expect(codes).toEqual([200, 409])
    expect((await json('POST', services, { body: service('b', 30081) })).code).toBe(201)
    // Refused after its port was claimed, and a dry run.
    expect((await json('POST', services, { body: { ...service('c', 30082), metadata: { name: 'No' } } })).code).toBe(422)
    expect((await json('POST', `${services}?dryRun=All`, { body: service('d', 30082) })).code).toBe(201)
    expect((await json('POST', services, { body: service('e', 30082) })).code).toBe(201)
    // A port that is stored stays taken through updates of others and goes with its Service.
    expect((await json('POST', services, { body: service('f', 30080) })).code).toBe(422)
    await json('DELETE', `${services}/a`)
    expect((await json('POST', services, { body: service('f', 30080) })).code).toBe(201)
  })

  it('a delete with the resourceVersion of an older state is refused, and one with that of now is done', async () => {
    const { json } = await createTestApi()
    const { body: first } = await json('POST', url, { body: configMap('a') })
    const { body: second } = await json('PUT', `${url}/a`, { body: configMap('a', { k: '1' }) })
    const options = ({ metadata: { resourceVersion } }: Json) => ({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { resourceVersion },
    })
    expect(await json('DELETE', `${url}/a`, { body: options(first) })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    expect((await json('GET', `${url}/a`)).code).toBe(200)
    expect((await json('DELETE', `${url}/a`, { body: options(second) })).code).toBe(200)
  })
})

describe('an object of very many parts', () => {
  const labels = (from: number, count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${from + index}`, '']))

  it('is refused however it would come to be: whole, by patches, as protobuf', async () => {
    const { json } = await createTestApi()
    const path = '/api/v1/namespaces/default/configmaps'
    const contentType = 'application/merge-patch+json'
    expect((await json('POST', path, { body: configMap('a', labels(0, 40_000)) })).code).toBe(413)
    expect((await json('POST', path, { body: configMap('a', labels(0, 20_000)) })).code).toBe(201)
    const grown = await json('PATCH', `${path}/a`, { contentType, body: { data: labels(20_000, 20_000) } })
    expect(grown).toMatchObject({ code: 413, body: { message: 'the object has more than 30000 parts' } })
    // An Unknown around a ConfigMap whose metadata has a million empty finalizers.
    const finalizers = Buffer.from([0x72, 0x00]).toString('hex').repeat(1_000_000)
    const length = (bytes: number) =>
      Buffer.from([(bytes & 127) | 128, ((bytes >> 7) & 127) | 128, ((bytes >> 14) & 127) | 128, bytes >> 21])
    const field = (tag: number, bytes: Buffer) => Buffer.concat([Buffer.from([tag]), length(bytes.length), bytes])
    const body = Buffer.concat([Buffer.from('k8s\0'), field(0x12, field(0x0a, Buffer.from(finalizers, 'hex')))])
    const answer = await json('POST', path, { contentType: 'application/vnd.kubernetes.protobuf', body })
    expect(answer).toMatchObject({ code: 400, body: { message: expect.stringContaining('more than 30000 parts') as string } })
  })

  it('is a definition that embeds pods several times, however it comes', async () => {
    const { json } = await createTestApi()
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const properties = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, { type: 'string' }]))
    const definition = (count: number) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'larges.example.org' },
      spec: {
        group: 'example.org',
        names: { plural: 'larges', singular: 'large', kind: 'Large', listKind: 'LargeList' },
        scope: 'Namespaced',
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: properties(count) } } },
        ],
      },
    })
    const apply = (count: number) =>
      json('PATCH', `${path}/larges.example.org?fieldManager=me&force=true`, {
        contentType: 'application/apply-patch+yaml',
        body: definition(count),
      })
    expect(await apply(20_000)).toMatchObject({ code: 201 })
    expect(await json('PUT', `${path}/larges.example.org`, { body: (await json('GET', `${path}/larges.example.org`)).body })).toMatchObject(
      { code: 200 },
    )
    const more = { spec: { versions: definition(21_000).spec.versions } }
    expect(await json('PATCH', `${path}/larges.example.org`, { contentType: 'application/merge-patch+json', body: more })).toMatchObject({
      code: 200,
    })
    expect(await apply(40_000)).toMatchObject({ code: 413, body: { message: 'the object has more than 64000 parts' } })
  })
})
