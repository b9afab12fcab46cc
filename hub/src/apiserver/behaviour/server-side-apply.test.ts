import { describe, expect, it } from 'vitest'
import { configMap, pod } from '../testing/api.ts'
import { applyTo, at, deployment, deployments } from '../testing/apply.ts'

const merge = 'application/merge-patch+json'

describe('server-side apply', () => {
  it('makes what is not there, and changes nothing when it says the same again', async () => {
    const { as, get, owners } = await applyTo()
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
    const { as } = await applyTo()
    const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: |\n    v\n'
    expect(await as('me', `${at}/a`, body)).toMatchObject({ code: 201, body: { data: { k: 'v\n' } } })
  })

  it('refuses what others own with the owner and the field, and takes it when it is forced', async () => {
    const { as, json, owners } = await applyTo()
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
    const { as, get, owners } = await applyTo()
    await as('one', `${at}/a`, configMap('a', { a: '1', b: '1', c: '1' }))
    await as('two', `${at}/a`, configMap('a', { b: '1' }))
    expect((await as('one', `${at}/a`, configMap('a', { c: '1' }))).body.data).toEqual({ b: '1', c: '1' })
    expect((await as('one', `${at}/a`, configMap('a', {}))).body.data).toEqual({ b: '1' })
    expect(await owners(`${at}/a`)).toEqual({ 'one Apply': { 'f:data': {} }, 'two Apply': { 'f:data': { 'f:b': {} } } })
    await as('two', `${at}/a`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
    expect((await get(`${at}/a`)).data).toBeUndefined()
  })

  it('leaves alone what nobody applied', async () => {
    const { as, json, get } = await applyTo()
    await as('me', deployments.concat('/d'), deployment({ replicas: 2 }))
    await json('PATCH', `${deployments}/d`, { body: { metadata: { labels: { x: 'y' } } }, contentType: merge })
    await as('me', `${deployments}/d`, deployment({}))
    expect(await get(`${deployments}/d`)).toMatchObject({ metadata: { labels: { x: 'y' } }, spec: { replicas: 1 } })
  })

  it('merges lists by their keys, with the defaults of keys that are left out', async () => {
    const { as, get, owners } = await applyTo()
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
    const { as, get, owners } = await applyTo()
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
    const { as, owners, get } = await applyTo()
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
    const { as, json, get } = await applyTo()
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

  it('a null takes a value away and leaves members', async () => {
    const { as, get } = await applyTo()
    await as('me', `${deployments}/d`, deployment({ replicas: 3 }, undefined, { labels: { x: 'y' } }))
    await as('me', `${deployments}/d`, deployment({ replicas: null }, undefined, { labels: null }))
    const { spec, metadata } = await get(`${deployments}/d`)
    expect([spec.replicas, metadata.labels]).toEqual([1, undefined])
  })

  it('of the status owns nothing but the status, and of the object everything else', async () => {
    const { as, owners, get } = await applyTo()
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
    const { as, owners, json, get } = await applyTo()
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
})
