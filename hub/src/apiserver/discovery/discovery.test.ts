import { describe, expect, it } from 'vitest'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { createRoutes } from '../routes/routes.ts'
import { createDiscovery } from './discovery.ts'

const discovery = createDiscovery(createRoutes({ kinds: createKindSet(kinds) }))
const request = (path: string, headers: ApiRequest['headers'] = {}): ApiRequest => ({
  method: 'GET',
  path,
  query: new URLSearchParams(),
  headers,
  signal: AbortSignal.timeout(1000),
})
function get(path: string, headers: ApiRequest['headers'] = {}) {
  const response = discovery.answer(request(path, headers))
  if (response?.type !== 'raw') throw new Error(`no answer for ${path}`)
  return { ...response, body: response.raw === '' ? undefined : (JSON.parse(String(response.raw)) as unknown) }
}
const aggregated = (version: string) => ({
  accept: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`,
})

describe('discovery', () => {
  it('lists versions and groups plainly', () => {
    expect(get('/api').body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    expect(get('/apis/').body).toMatchObject({
      kind: 'APIGroupList',
      groups: expect.arrayContaining([
        {
          name: 'apps',
          versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
          preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
        },
      ]) as unknown,
    })
    expect(get('/apis/apps').body).toMatchObject({ kind: 'APIGroup', name: 'apps', preferredVersion: { version: 'v1' } })
  })

  it('lists resources with the rows of their subresources', () => {
    const { resources } = get('/api/v1').body as { resources: { name: string }[] }
    const row = (name: string) => resources.find((resource) => resource.name === name)
    expect(row('pods')).toMatchObject({
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      shortNames: ['po'],
      categories: ['all'],
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      storageVersionHash: 'xPOwRZ+Yhw8=',
    })
    // Of the version that is written, in whatever group and version it is asked for; of what is not stored there is none.
    const hashOf = (path: string, name: string) =>
      (get(path).body as { resources: { name: string; storageVersionHash?: string }[] }).resources.find((each) => each.name === name)
        ?.storageVersionHash
    expect([hashOf('/api/v1', 'events'), hashOf('/apis/events.k8s.io/v1', 'events')]).toEqual(['r2yiGXH7wu8=', 'r2yiGXH7wu8='])
    expect(hashOf('/apis/autoscaling/v1', 'horizontalpodautoscalers')).toBe(hashOf('/apis/autoscaling/v2', 'horizontalpodautoscalers'))
    expect([hashOf('/api/v1', 'bindings'), hashOf('/api/v1', 'componentstatuses'), hashOf('/api/v1', 'pods/status')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(row('pods/log')).toEqual({ name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] })
    expect(row('pods/eviction')).toMatchObject({ group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] })
    expect(row('pods/binding')).toMatchObject({ kind: 'Binding', verbs: ['create'] })
    expect(row('bindings')).toMatchObject({ kind: 'Binding', verbs: ['create'] })
    expect(row('namespaces')).toMatchObject({ namespaced: false })
    expect((get('/apis/apps/v1').body as { resources: { name: string }[] }).resources).toContainEqual({
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    })
  })

  it.each(['v2', 'v2beta1'])('answers aggregated %s to who asks for it', (version) => {
    const core = get('/api', aggregated(version))
    expect(core.contentType).toBe(`application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
    expect(core.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, items: [{}] })
    const { items } = get('/apis', aggregated(version)).body as {
      items: { metadata: { name: string }; versions: { resources: object[] }[] }[]
    }
    expect(items[0]?.metadata.name).toBe('apps')
    expect(items[0]?.versions[0]?.resources).toContainEqual(
      expect.objectContaining({
        resource: 'deployments',
        scope: 'Namespaced',
        singularResource: 'deployment',
        responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
        subresources: [
          { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, verbs: ['get', 'patch', 'update'] },
          { subresource: 'status', responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' }, verbs: ['get', 'patch', 'update'] },
        ],
      }),
    )
  })

  it('answers the plain form to who likes that better or asks for an aggregation we do not have', () => {
    expect(get('/api', { accept: 'application/json' }).contentType).toBe('application/json')
    expect(get('/api', aggregated('v9')).body).toMatchObject({ kind: 'APIVersions' })
  })

  it('does not send again what the client has', () => {
    const first = get('/apis', aggregated('v2'))
    const etag = first.headers?.['etag'] ?? ''
    const again = get('/apis', { ...aggregated('v2'), 'if-none-match': `"other", ${etag}` })
    expect(again).toMatchObject({ status: 304, raw: '', headers: { etag } })
    expect(get('/api', { ...aggregated('v2'), 'if-none-match': etag }).status).toBe(200)
  })

  it.each(['/', '/apis/none', '/apis/apps/v9', '/api/v9', '/api/v1/pods', '/apis/apps/v1/deployments', '/version'])(
    'leaves %s to others',
    (path) => {
      expect(discovery.at.test(path) ? discovery.answer(request(path)) : undefined).toBeUndefined()
    },
  )
})
