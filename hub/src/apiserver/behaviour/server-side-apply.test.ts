import type { ManagedFieldsEntry } from '@bramble/shared/meta/object-meta.ts'
import { describe, expect, it } from 'vitest'
import { configMap, createTestApi, type Json, nodeUser, pod } from '../testing/api.ts'

const contentType = 'application/apply-patch+yaml'
const merge = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const at = '/api/v1/namespaces/default/configmaps'
const deployments = '/apis/apps/v1/namespaces/default/deployments'

type Container = { name: string; image?: string; ports?: object[]; env?: object[] }
const deployment = (spec: object = {}, containers: Container[] = [{ name: 'c', image: 'i' }], metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', ...metadata },
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers } }, ...spec },
})

async function setUp() {
  const api = await createTestApi()
  const apply = (url: string, body: unknown, query: string) => api.json('PATCH', `${url}?${query}`, { body, contentType })
  const as = (manager: string, url: string, body: unknown, more = '') => apply(url, body, `fieldManager=${manager}${more}`)
  /** What each owns: `manager operation subresource` → fields. */
  const owners = async (url: string): Promise<Json> => {
    const { body } = await api.json('GET', url)
    const entries = (body.metadata.managedFields ?? []) as ManagedFieldsEntry[]
    return Object.fromEntries(
      entries.map(({ manager, operation, subresource, fieldsV1 }) => [
        [manager, operation, subresource].filter(Boolean).join(' '),
        fieldsV1,
      ]),
    )
  }
  const get = async (url: string) => (await api.json('GET', url)).body
  return { ...api, apply, as, owners, get }
}

describe('server-side apply', () => {
  it('makes what is not there, and changes nothing when it says the same again', async () => {
    const { as, get, owners } = await setUp()
    const first = await as('me', `${at}/a`, configMap('a', { k: 'v' }))
    expect(first).toMatchObject({ code: 201, body: { data: { k: 'v' } } })
    expect(first.body.metadata.managedFields).toEqual([
      {
        ...{
          manager: 'me',
          operation: 'Apply',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        },
        fieldsV1: { 'f:data': { 'f:k': {} } },
      },
    ])
    const again = await as('me', `${at}/a`, configMap('a', { k: 'v' }))
    expect(again.code).toBe(200)
    expect(again.body).toEqual(first.body)
    expect(await get(`${at}/a`)).toEqual(first.body)
    expect(await owners(`${at}/a`)).toEqual({ 'me Apply': { 'f:data': { 'f:k': {} } } })
  })

  it('takes YAML', async () => {
    const { as } = await setUp()
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: |\n    v\n'
    expect(await as('me', `${at}/a`, body)).toMatchObject({ code: 201, body: { data: { k: 'v\n' } } })
  })

  it('refuses what others own with the owner and the field, and takes it when it is forced', async () => {
    const { as, json, owners } = await setUp()
    await json('POST', `${at}?fieldManager=creator`, { body: configMap('a', { k: '1', l: '1' }) })
    expect(await as('me', `${at}/a`, configMap('a', { k: '2' }))).toMatchObject({
      code: 409,
      body: {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "creator" using v1: .data.k',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "creator" using v1', field: '.data.k' }] },
      },
    })
    await as('other', `${at}/a`, configMap('a', { l: '1' }))
    expect(await as('me', `${at}/a`, configMap('a', { k: '2', l: '2' }))).toMatchObject({
      code: 409,
      body: {
        message:
          'Apply failed with 3 conflicts: conflicts with "creator" using v1:\n- .data.k\n- .data.l\nconflicts with "other":\n- .data.l',
      },
    })
    expect(await as('me', `${at}/a`, configMap('a', { k: '2' }), '&force=true')).toMatchObject({
      code: 200,
      body: { data: { k: '2', l: '1' } },
    })
    expect(await owners(`${at}/a`)).toEqual({
      'me Apply': { 'f:data': { 'f:k': {} } },
      'other Apply': { 'f:data': { 'f:l': {} } },
      'creator Update': { 'f:data': { '.': {}, 'f:l': {} } },
    })
  })

  it('removes what it applied before and does not any more, unless somebody else owns it', async () => {
    const { as, get, owners } = await setUp()
    await as('one', `${at}/a`, configMap('a', { a: '1', b: '1', c: '1' }))
    await as('two', `${at}/a`, configMap('a', { b: '1' }))
    expect((await as('one', `${at}/a`, configMap('a', { c: '1' }))).body.data).toEqual({ b: '1', c: '1' })
    expect((await as('one', `${at}/a`, configMap('a', {}))).body.data).toEqual({ b: '1' })
    expect(await owners(`${at}/a`)).toEqual({ 'one Apply': { 'f:data': {} }, 'two Apply': { 'f:data': { 'f:b': {} } } })
    await as('two', `${at}/a`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
    expect((await get(`${at}/a`)).data).toBeUndefined()
  })

  it('leaves alone what nobody applied', async () => {
    const { as, json, get } = await setUp()
    await as('me', deployments.concat('/d'), deployment({ replicas: 2 }))
    await json('PATCH', `${deployments}/d`, { body: { metadata: { labels: { x: 'y' } } }, contentType: merge })
    await as('me', `${deployments}/d`, deployment({}))
    expect(await get(`${deployments}/d`)).toMatchObject({ metadata: { labels: { x: 'y' } }, spec: { replicas: 1 } })
  })

  it('merges lists by their keys, with the defaults of keys that are left out', async () => {
    const { as, get, owners } = await setUp()
    const one = [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] }]
    expect((await as('one', `${deployments}/d`, deployment({}, one))).code).toBe(201)
    const other = {
      ...deployment({}, []),
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'c', ports: [{ containerPort: 81, protocol: 'UDP' }] },
              { name: 'e', image: 'j' },
            ],
          },
        },
      },
    }
    expect((await as('two', `${deployments}/d`, other)).code).toBe(200)
    const { containers } = (await get(`${deployments}/d`)).spec.template.spec
    expect(containers).toMatchObject([
      {
        name: 'c',
        image: 'i',
        ports: [
          { containerPort: 80, protocol: 'TCP' },
          { containerPort: 81, protocol: 'UDP' },
        ],
      },
      { name: 'e', image: 'j' },
    ])
    expect((await owners(`${deployments}/d`))['one Apply']['f:spec']['f:template']['f:spec']['f:containers']).toEqual({
      'k:{"name":"c"}': {
        '.': {},
        'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
        'f:image': {},
        'f:name': {},
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      },
    })
    // Each takes away what is his own.
    await as('two', `${deployments}/d`, { ...other, spec: {} })
    expect((await get(`${deployments}/d`)).spec.template.spec.containers).toHaveLength(1)
  })

  it('takes what is atomic as one', async () => {
    const { as, get, owners } = await setUp()
    await as('one', `${deployments}/d`, deployment({}, [{ name: 'c', image: 'i' }]))
    const { 'f:spec': spec } = (await owners(`${deployments}/d`))['one Apply']
    expect(spec['f:selector']).toEqual({})
    const template = (nodeSelector: object) => ({ ...deployment({}, []), spec: { template: { spec: { nodeSelector } } } })
    await as('two', `${deployments}/d`, template({ a: '1' }))
    expect((await as('three', `${deployments}/d`, template({ b: '1' }))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "two": .spec.template.spec.nodeSelector',
    )
    await as('two', `${deployments}/d`, template({ b: '1' }))
    expect((await get(`${deployments}/d`)).spec.template.spec.nodeSelector).toEqual({ b: '1' })
  })

  it('merges sets', async () => {
    const { as, owners, get } = await setUp()
    const finalizers = (...names: string[]) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', finalizers: names } })
    await as('one', `${at}/a`, finalizers('x.io/1', 'x.io/2'))
    expect(await as('two', `${at}/a`, finalizers('x.io/2', 'x.io/3'))).toMatchObject({ code: 200 })
    expect((await get(`${at}/a`)).metadata.finalizers).toEqual(['x.io/1', 'x.io/2', 'x.io/3'])
    expect((await owners(`${at}/a`))['two Apply']).toMatchObject({
      'f:metadata': { 'f:finalizers': { 'v:"x.io/2"': {}, 'v:"x.io/3"': {} } },
    })
    await as('two', `${at}/a`, finalizers())
    expect((await get(`${at}/a`)).metadata.finalizers).toEqual(['x.io/1', 'x.io/2'])
  })

  it('has room for a list that has one key twice already, and none for such a configuration', async () => {
    const { as, json, get } = await setUp()
    const twice = [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ]
    await json('POST', deployments, { body: deployment({}, [{ name: 'c', image: 'i', env: twice }]) })
    expect(await as('me', `${deployments}/d`, deployment({}, [{ name: 'c', env: twice }]))).toMatchObject({
      code: 500,
      body: {
        message:
          'failed to create typed patch object (/d; apps/v1, Kind=Deployment): .spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]',
      },
    })
    expect((await as('me', `${deployments}/d`, deployment({}, [{ name: 'c', env: [{ name: 'B', value: '1' }] }]))).code).toBe(200)
    expect((await get(`${deployments}/d`)).spec.template.spec.containers[0].env).toEqual([...twice, { name: 'B', value: '1' }])
    await as('me', `${deployments}/d`, deployment({}, [{ name: 'c', env: [{ name: 'A', value: '3' }] }]), '&force=true')
    expect((await get(`${deployments}/d`)).spec.template.spec.containers[0].env).toEqual([{ name: 'A', value: '3' }])
  })

  it.each<[string, unknown, number, string]>([
    ['', configMap('a'), 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'],
    [`fieldManager=${'x'.repeat(129)}`, configMap('a'), 422, 'fieldManager: Too long: may not be more than 128 bytes'],
    ['fieldManager=m', { ...configMap('a'), kind: 'Secret' }, 400, 'invalid object type: /v1, Kind=Secret'],
    ['fieldManager=m', { ...configMap('a'), apiVersion: 'apps/v1' }, 400, 'invalid object type: apps/v1, Kind=ConfigMap'],
    ['fieldManager=m', {}, 400, 'invalid object type: /, Kind='],
    ['fieldManager=m', '[]', 400, 'error decoding YAML'],
    ['fieldManager=m', configMap('b'), 400, 'the name of the object (b) does not match the name on the URL (a)'],
    ['fieldManager=m', configMap('a', {}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [
      'fieldManager=m',
      { ...configMap('a'), dota: {} },
      500,
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): .dota: field not declared in schema',
    ],
    [
      'fieldManager=m',
      { ...configMap('a'), data: { x: 1 }, immutable: 'yes' },
      500,
      'failed to create typed patch object (/a; /v1, Kind=ConfigMap): errors:\n  .data.x: expected string, got &value.valueUnstructured{Value:1}\n  .immutable: expected boolean, got &{yes}',
    ],
    [
      'fieldManager=m',
      configMap('a', {}, { uid: 'u' }),
      409,
      'uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
  ])('refuses %s %j', async (query, body, code, message) => {
    const { apply } = await setUp()
    const answer = await apply(`${at}/a`, body, query)
    expect(answer).toMatchObject({ code, body: { code, message: expect.stringContaining(message) as string } })
    if (code === 500) expect(answer.body).not.toHaveProperty('reason')
  })

  it('only an apply may be forced', async () => {
    const { json } = await setUp()
    expect((await json('PATCH', `${at}/a?force=true`, { body: {}, contentType: merge })).body.message).toContain(
      'force: Forbidden: may not be specified for non-apply patch',
    )
  })

  it('is about the object that its uid tells', async () => {
    const { as, get } = await setUp()
    await as('me', `${at}/a`, configMap('a', { k: '1' }))
    expect((await as('me', `${at}/a`, configMap('a', { k: '2' }, { uid: 'other' }))).code).toBe(409)
    const { uid } = (await get(`${at}/a`)).metadata
    expect((await as('me', `${at}/a`, configMap('a', { k: '2' }, { uid }))).code).toBe(200)
    expect((await as('me', `${at}/a`, configMap('a', { k: '3' }, { resourceVersion: '1' }))).code).toBe(409)
  })

  it('dry, it tells what it would do and does nothing', async () => {
    const { as, json, get } = await setUp()
    const tried = await as('me', `${at}/a`, configMap('a', { k: '1' }), '&dryRun=All')
    expect(tried).toMatchObject({ code: 201, body: { data: { k: '1' }, metadata: { managedFields: [{ manager: 'me' }] } } })
    expect((await json('GET', `${at}/a`)).code).toBe(404)
    await as('me', `${at}/a`, configMap('a', { k: '1' }))
    const before = await get(`${at}/a`)
    expect((await as('you', `${at}/a`, configMap('a', { l: '1' }), '&dryRun=All')).body.metadata.managedFields).toHaveLength(2)
    expect(await get(`${at}/a`)).toEqual(before)
  })

  it('a null takes a value away and leaves members', async () => {
    const { as, get } = await setUp()
    await as('me', `${deployments}/d`, deployment({ replicas: 3 }, undefined, { labels: { x: 'y' } }))
    await as('me', `${deployments}/d`, deployment({ replicas: null }, undefined, { labels: null }))
    const { spec, metadata } = await get(`${deployments}/d`)
    expect([spec.replicas, metadata.labels]).toEqual([1, undefined])
  })

  it('of the status owns nothing but the status, and of the object everything else', async () => {
    const { as, owners, get } = await setUp()
    const status = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }
    const pods = '/api/v1/namespaces/default/pods'
    expect((await as('me', `${pods}/p/status`, { ...pod('p'), ...status })).code).toBe(404)
    await as('me', `${pods}/p`, { ...pod('p'), ...status })
    expect(await owners(`${pods}/p`)).toEqual({
      'me Apply': { 'f:spec': { 'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
    })
    expect((await as('me', `${pods}/p/status`, { ...pod('p'), ...status })).code).toBe(200)
    expect((await owners(`${pods}/p`))['me Apply status']).toEqual({
      'f:status': { 'f:conditions': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {}, 'f:type': {} } }, 'f:phase': {} },
    })
    expect((await get(`${pods}/p`)).status).toMatchObject(status.status)
    await as('me', `${pods}/p/status`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { phase: 'Running' } })
    expect((await get(`${pods}/p`)).status.conditions ?? []).not.toContainEqual(expect.objectContaining({ type: 'Ready' }))
  })

  it('of the scale owns the number of replicas in the object', async () => {
    const { as, owners, json, get } = await setUp()
    const scale = (replicas?: number) => ({ apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd' }, spec: { replicas } })
    await as('me', `${deployments}/d`, deployment({ replicas: 2 }))
    expect((await as('hpa', `${deployments}/d/scale`, scale(3))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
    )
    const forced = await as('hpa', `${deployments}/d/scale`, scale(3), '&force=true')
    expect(forced).toMatchObject({ code: 200, body: { kind: 'Scale', spec: { replicas: 3 } } })
    const after = await owners(`${deployments}/d`)
    expect(after['hpa Apply scale']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect(after['me Apply']['f:spec']).not.toHaveProperty('f:replicas')
    await json('PATCH', `${deployments}/d/scale?fieldManager=kubectl-scale`, { body: { spec: { replicas: 4 } }, contentType: merge })
    expect(await owners(`${deployments}/d`)).toMatchObject({ 'kubectl-scale Update scale': { 'f:spec': { 'f:replicas': {} } } })
    expect((await as('me', `${deployments}/d`, deployment({ replicas: 2 }))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-scale" with subresource "scale" using apps/v1: .spec.replicas',
    )
    await as('me', `${deployments}/d`, deployment())
    expect((await get(`${deployments}/d`)).spec.replicas).toBe(4)
  })

  it('needs the right to create what it makes', async () => {
    const { json } = await setUp()
    const lease = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } }
    expect((await json('PATCH', '/api/v1/nodes/n2?fieldManager=m', { body: lease, contentType, user: nodeUser('n1') })).code).toBe(403)
  })
})

describe('managed fields', () => {
  it('of a pod are whose who made it, whose who tells its status, and nobody’s who bound it', async () => {
    const { json, owners } = await setUp()
    const pods = '/api/v1/namespaces/default/pods'
    await json('POST', pods, { body: pod('p', {}, { labels: { a: 'b' } }), userAgent: 'kubectl/v1.31.0 (linux/arm64)' })
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
    await json('POST', `${pods}/p/binding`, { body: binding, userAgent: 'scheduler/1' })
    await json('PATCH', `${pods}/p/status`, {
      body: { status: { phase: 'Running', podIPs: [{ ip: '10.42.0.2' }] } },
      contentType: merge,
      user: nodeUser('n'),
      userAgent: 'bramble-agent/1',
    })
    expect(await owners(`${pods}/p`)).toEqual({
      'kubectl Update': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"main"}': {
              ...{ '.': {}, 'f:image': {}, 'f:imagePullPolicy': {}, 'f:name': {}, 'f:resources': {} },
              ...{ 'f:terminationMessagePath': {}, 'f:terminationMessagePolicy': {} },
            },
          },
          ...{ 'f:dnsPolicy': {}, 'f:enableServiceLinks': {}, 'f:restartPolicy': {}, 'f:schedulerName': {}, 'f:securityContext': {} },
          'f:terminationGracePeriodSeconds': {},
        },
      },
      'bramble-agent Update status': {
        'f:status': { 'f:phase': {}, 'f:podIP': {}, 'f:podIPs': { '.': {}, 'k:{"ip":"10.42.0.2"}': { '.': {}, 'f:ip': {} } } },
      },
    })
  })

  it('go to whoever changes a field, and from everybody who loses it', async () => {
    const { json, owners, get } = await setUp()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1', l: '1' }) })
    await json('PATCH', `${at}/a?fieldManager=two`, { body: { data: { k: '2' } }, contentType: merge })
    expect(await owners(`${at}/a`)).toEqual({
      'one Update': { 'f:data': { '.': {}, 'f:l': {} } },
      'two Update': { 'f:data': { 'f:k': {} } },
    })
    const { metadata } = await get(`${at}/a`)
    await json('PUT', `${at}/a?fieldManager=three`, { body: { ...configMap('a', { k: '2', l: '1' }) } })
    expect((await get(`${at}/a`)).metadata).toEqual(metadata)
    await json('PUT', `${at}/a?fieldManager=three`, { body: { ...configMap('a', { l: '1' }) } })
    expect(await owners(`${at}/a`)).toEqual({ 'one Update': { 'f:data': { '.': {}, 'f:l': {} } } })
  })

  it('of more than ten who update are those of the oldest together', async () => {
    const { json, owners } = await setUp()
    await json('POST', `${at}?fieldManager=m0`, { body: configMap('a', { k0: '' }) })
    for (let index = 1; index <= 12; index++)
      await json('PATCH', `${at}/a?fieldManager=m${String(index).padStart(2, '0')}`, {
        body: { data: { [`k${index}`]: 'x' } },
        contentType: merge,
      })
    const after = await owners(`${at}/a`)
    expect(Object.keys(after)).toHaveLength(10)
    expect(Object.keys(after['ancient-changes Update']['f:data'])).toEqual(expect.arrayContaining(['f:k1', 'f:k2']))
  })

  it('are forgotten by a list of one empty entry, and an apply begins them anew', async () => {
    const { json, owners, get, as } = await setUp()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1' }) })
    const body = await get(`${at}/a`)
    await json('PUT', `${at}/a`, { body: { ...body, metadata: { ...body.metadata, managedFields: [] } } })
    expect(Object.keys(await owners(`${at}/a`))).toEqual(['one Update'])
    await json('PUT', `${at}/a`, { body: { ...body, metadata: { ...body.metadata, managedFields: [{}] } } })
    expect(await owners(`${at}/a`)).toEqual({})
    await json('PATCH', `${at}/a?fieldManager=two`, { body: { data: { k: '2' } }, contentType: merge })
    expect(await owners(`${at}/a`)).toEqual({})
    expect((await as('me', `${at}/a`, configMap('a', { k: '3' }))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k',
    )
    await as('me', `${at}/a`, configMap('a', { l: '3' }))
    expect(await owners(`${at}/a`)).toEqual({
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:k': {} } },
      'me Apply': { 'f:data': { 'f:l': {} } },
    })
  })

  it('may be written as kubectl does when it migrates, with the revision that it has seen', async () => {
    const { json, owners, get } = await setUp()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1' }) })
    const { metadata } = await get(`${at}/a`)
    const moved = [{ ...metadata.managedFields[0], manager: 'two', operation: 'Apply' }]
    const steps = (resourceVersion: string) => [
      { op: 'replace', path: '/metadata/managedFields', value: moved },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ]
    expect((await json('PATCH', `${at}/a`, { body: steps('1'), contentType: jsonPatch })).code).toBe(409)
    expect((await json('PATCH', `${at}/a`, { body: steps(metadata.resourceVersion), contentType: jsonPatch })).code).toBe(200)
    expect(await owners(`${at}/a`)).toEqual({ 'two Apply': { 'f:data': { '.': {}, 'f:k': {} } } })
  })

  it.each<[string, object]>([
    ['an operation', { operation: 'Create' }],
    ['a type', { fieldsType: 'FieldsV2' }],
    ['a version', { apiVersion: '' }],
    ['fields', { fieldsV1: { 'f:data': { 'q:k': {} } } }],
    ['a key', { fieldsV1: { 'k:{"a"': {} } }],
  ])('without %s that there is are not taken', async (_what, wrong) => {
    const { json, owners, get } = await setUp()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1' }) })
    const body = await get(`${at}/a`)
    const managedFields = [{ ...body.metadata.managedFields[0], manager: 'two', ...wrong }]
    expect((await json('PUT', `${at}/a`, { body: { ...body, metadata: { ...body.metadata, managedFields } } })).code).toBe(200)
    expect(Object.keys(await owners(`${at}/a`))).toEqual(['one Update'])
  })

  it('have managers whose names can be printed', async () => {
    const { json, get } = await setUp()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1' }) })
    const body = await get(`${at}/a`)
    const managedFields = [{ ...body.metadata.managedFields[0], manager: 'x'.repeat(129) }]
    expect(await json('PUT', `${at}/a`, { body: { ...body, metadata: { ...body.metadata, managedFields } } })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'metadata.managedFields[0].manager' }] } },
    })
  })

  it('are shown with metadata alone, and to no node', async () => {
    const { json, ask } = await setUp()
    await json('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { a: 'b' } } } })
    await json('POST', '/api/v1/namespaces/default/pods', { body: pod('p', { nodeName: 'n1' }) })
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
    expect((await json('GET', '/api/v1/nodes/n1', { accept })).body.metadata.managedFields).toHaveLength(1)
    const list = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    expect((await json('GET', '/api/v1/nodes', { accept: list })).body.items[0].metadata.managedFields).toHaveLength(1)
    const user = nodeUser('n1')
    const pods = '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1'
    expect((await json('GET', '/api/v1/nodes/n1', { user })).body.metadata).not.toHaveProperty('managedFields')
    expect((await json('GET', pods, { user })).body.items[0].metadata).not.toHaveProperty('managedFields')
    const stop = new AbortController()
    const watch = await ask('GET', `${pods}&watch=true`, { user, signal: stop.signal })
    if (watch.type !== 'events') throw new Error('expected a watch')
    for await (const event of watch.events) {
      if (event.type === 'ERROR') throw new Error(event.text)
      expect(JSON.parse(event.text).object.metadata).not.toHaveProperty('managedFields')
      break
    }
    stop.abort()
  })
})

describe('kubectl that has applied in the client before', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const noted = (data: Record<string, string>) => {
    const object = configMap('a', data)
    return {
      ...object,
      metadata: {
        ...object.metadata,
        annotations: { [annotation]: JSON.stringify({ ...object, metadata: { name: 'a', annotations: {} } }) },
      },
    }
  }

  it('meets no conflict with itself, and keeps its note', async () => {
    const { json, as, get } = await setUp()
    await json('POST', `${at}?fieldManager=kubectl-client-side-apply`, { body: noted({ k: '1', l: '1' }) })
    expect((await as('other', `${at}/a`, configMap('a', { k: '2' }))).code).toBe(409)
    expect((await as('kubectl', `${at}/a`, configMap('a', { k: '2', l: '1' }))).code).toBe(200)
    const { metadata, data } = await get(`${at}/a`)
    expect(data).toEqual({ k: '2', l: '1' })
    expect(JSON.parse(metadata.annotations[annotation])).toEqual(configMap('a', { k: '2', l: '1' }))
  })

  it('meets one with whoever changed it since', async () => {
    const { json, as } = await setUp()
    await json('POST', `${at}?fieldManager=kubectl-client-side-apply`, { body: noted({ k: '1', l: '1' }) })
    await json('PATCH', `${at}/a?fieldManager=other`, { body: { data: { k: '9' } }, contentType: merge })
    expect((await as('kubectl', `${at}/a`, configMap('a', { k: '2', l: '2' }))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "other" using v1: .data.k',
    )
  })
})
