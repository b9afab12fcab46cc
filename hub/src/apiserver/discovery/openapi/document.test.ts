import { describe, expect, it } from 'vitest'
import { kinds } from '@bramble/shared/kinds.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { createRoutes } from '../../routes/routes.ts'
import { openApiPath, openApiV3 } from './document.ts'
import { gnosticOf, jsonOf, openApiV2 } from './v2.ts'

const routes = createRoutes({ kinds: createKindSet(kinds) }).all()
type Json = { readonly [key: string]: Json }
const v3Of = async (name: string): Promise<Json> => {
  const own = routes.filter(({ group }) => group === name)
  return JSON.parse([...(await openApiV3(own, 'v1'))].join('')) as Json
}
const [core, apps] = [await v3Of(''), await v3Of('apps')]
const v2 = JSON.parse([...jsonOf(await openApiV2(routes, 'v1'))].join('')) as Record<'paths' | 'definitions', Json>
const schemas = core['components']?.['schemas'] as Json

describe('the OpenAPI v3 document of a group-version', () => {
  it('says where it is found', () => {
    expect(openApiPath({ group: '', version: 'v1' })).toBe('api/v1')
    expect(openApiPath({ group: 'apps', version: 'v1' })).toBe('apis/apps/v1')
  })

  it.each([
    ['core', core],
    ['apps', apps],
    ['v2', v2 as Json],
  ])('has a schema for every reference in it (%s)', (_, document) => {
    const known = new Set(Object.keys(document['components']?.['schemas'] ?? document['definitions'] ?? {}))
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/(?:components\/schemas|definitions)\/([^"]+)"/g)].map(
      ([, name]) => name,
    )
    expect(referred.length).toBeGreaterThan(100)
    expect(referred.filter((name) => !known.has(name ?? ''))).toEqual([])
  })

  it.each(['exec', 'attach', 'portforward'])('has both ways to connect to %s, by the names of Kubernetes', (name) => {
    const capital = name[0]?.toUpperCase() + name.slice(1)
    const path = `/api/v1/namespaces/{namespace}/pods/{name}/${name}`
    for (const document of [core, v2 as Json])
      for (const method of ['get', 'post']) {
        const operation = document['paths']?.[path]?.[method]
        expect(operation).toMatchObject({
          operationId: `connectCoreV1${method === 'get' ? 'Get' : 'Post'}NamespacedPod${capital}`,
          'x-kubernetes-action': 'connect',
          'x-kubernetes-group-version-kind': { group: '', version: 'v1' },
        })
        expect(Object.keys(operation?.['responses'] ?? {})).toContain('200')
      }
  })

  it('names the kinds that are served, with their descriptions', () => {
    expect(schemas['io.k8s.api.core.v1.Pod']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
      description: expect.stringContaining('Containers') as unknown,
      properties: { spec: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' }] }, apiVersion: { type: 'string' } },
    })
    expect(schemas['io.k8s.api.core.v1.PodList']).toMatchObject({ 'x-kubernetes-group-version-kind': [{ kind: 'PodList' }] })
    expect(apps['components']?.['schemas']).toHaveProperty(['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'])
  })

  it('tells how lists merge, what must be given and what stands in for what is not', () => {
    expect(schemas['io.k8s.api.core.v1.PodSpec']).toMatchObject({
      required: ['containers'],
      properties: {
        containers: {
          type: 'array',
          items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          'x-kubernetes-patch-merge-key': 'name',
          'x-kubernetes-patch-strategy': 'merge',
        },
        volumes: { 'x-kubernetes-patch-strategy': 'merge,retainKeys' },
        restartPolicy: { type: 'string', enum: ['Always', 'Never', 'OnFailure'], default: 'Always' },
        nodeSelector: { additionalProperties: { type: 'string' }, 'x-kubernetes-map-type': 'atomic' },
      },
    })
    expect(schemas['io.k8s.api.core.v1.ResourceRequirements']?.['properties']?.['limits']).toMatchObject({
      type: 'object',
      additionalProperties: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
    })
  })

  it('has a path for every verb, with fieldValidation on every write', () => {
    const paths = apps['paths'] as Json
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/apis/apps/v1/deployments',
        '/apis/apps/v1/namespaces/{namespace}/deployments',
        '/apis/apps/v1/namespaces/{namespace}/deployments/{name}',
        '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale',
        '/apis/apps/v1/namespaces/{namespace}/deployments/{name}/status',
      ]),
    )
    const item = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'] as Json
    expect(Object.keys(item).sort()).toEqual(['delete', 'get', 'parameters', 'patch', 'put'])
    expect(item['patch']).toMatchObject({
      operationId: 'patchAppsV1NamespacedDeployment',
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' },
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation', in: 'query' })]) as unknown,
    })
    expect(core['paths']?.['/api/v1/nodes/{name}']).toHaveProperty('get.operationId', 'readCoreV1Node')
    expect(core['paths']?.['/api/v1/namespaces/{namespace}/pods/{name}/eviction']).toHaveProperty(
      'post.x-kubernetes-group-version-kind.kind',
      'Eviction',
    )
  })

  it('has no operation id twice', () => {
    const ids = [...JSON.stringify([core, apps]).matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the OpenAPI v2 document', () => {
  it('has all kinds under definitions, with descriptions beside their references', () => {
    expect(v2.definitions).toHaveProperty(['io.k8s.api.apps.v1.Deployment'])
    expect(v2.definitions['io.k8s.api.apps.v1.DeploymentSpec']).toMatchObject({
      properties: {
        strategy: { $ref: '#/definitions/io.k8s.api.apps.v1.DeploymentStrategy', 'x-kubernetes-patch-strategy': 'retainKeys' },
      },
    })
    expect(v2.definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ type: 'string', format: 'int-or-string' })
  })

  it.each(
    routes
      .filter(({ subresource }) => subresource === undefined)
      .map(({ group, version, resource, speaks }) => [resource, group, version, speaks.kind]),
  )('lets %s of %s/%s be explained, whether they are stored or only posted', (resource, group, version, kind) => {
    const gvk = { group, version, kind }
    const isOfKind = (schema: object) => JSON.stringify(schema).includes(`"x-kubernetes-group-version-kind":[${JSON.stringify(gvk)}]`)
    expect(Object.values(v2.definitions).filter(isOfKind)).toHaveLength(1)
    const paths = Object.entries(v2.paths).filter(
      ([path]) => path.endsWith(`/${version}/${resource}`) || path.endsWith(`/{namespace}/${resource}`),
    )
    expect(JSON.stringify(paths)).toContain(`"x-kubernetes-group-version-kind":${JSON.stringify(gvk)}`)
  })

  it('is written as gnostic', async () => {
    const bytes = Buffer.concat([...gnosticOf(await openApiV2(routes, 'v1'))])
    expect([...bytes.subarray(0, 5)]).toEqual([0x0a, 3, ...Buffer.from('2.0')])
    const text = Buffer.from(bytes).toString('latin1')
    expect(text).toContain('io.k8s.api.core.v1.Pod')
    expect(text).toContain('"x-kubernetes-patch-merge-key"'.slice(1, -1))
  })
})
