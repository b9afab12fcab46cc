import { describe, expect, it } from 'vitest'
import { configMap, nodeUser, pod } from '../testing/api.ts'
import { applyTo, at } from '../testing/apply.ts'

const merge = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'

describe('managed fields', () => {
  it('of a pod are whose who made it, whose who tells its status, and nobody’s who bound it', async () => {
    const { json, owners } = await applyTo()
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
    const { json, owners, get } = await applyTo()
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
    const { json, owners } = await applyTo()
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
    const { json, owners, get, as } = await applyTo()
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
    const { json, owners, get } = await applyTo()
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
    const { json, owners, get } = await applyTo()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1' }) })
    const body = await get(`${at}/a`)
    const managedFields = [{ ...body.metadata.managedFields[0], manager: 'two', ...wrong }]
    expect((await json('PUT', `${at}/a`, { body: { ...body, metadata: { ...body.metadata, managedFields } } })).code).toBe(200)
    expect(Object.keys(await owners(`${at}/a`))).toEqual(['one Update'])
  })

  it('are not told by who writes a subresource', async () => {
    const { json, owners, get } = await applyTo()
    const pods = '/api/v1/namespaces/default/pods'
    await json('POST', `${pods}?fieldManager=one`, { body: pod('p') })
    const body = await get(`${pods}/p`)
    const managedFields = [{ ...body.metadata.managedFields[0], manager: 'two' }]
    const given = { ...body, metadata: { ...body.metadata, managedFields }, status: { phase: 'Running' } }
    expect((await json('PUT', `${pods}/p/status?fieldManager=three`, { body: given })).code).toBe(200)
    expect(Object.keys(await owners(`${pods}/p`))).toEqual(['one Update', 'three Update status'])
  })

  it('have managers whose names can be printed', async () => {
    const { json, get } = await applyTo()
    await json('POST', `${at}?fieldManager=one`, { body: configMap('a', { k: '1' }) })
    const body = await get(`${at}/a`)
    const managedFields = [{ ...body.metadata.managedFields[0], manager: 'x'.repeat(129) }]
    expect(await json('PUT', `${at}/a`, { body: { ...body, metadata: { ...body.metadata, managedFields } } })).toMatchObject({
      code: 422,
      body: { details: { causes: [{ field: 'metadata.managedFields[0].manager' }] } },
    })
  })

  it('of an object that has no room for them are left away, and who applies is told', async () => {
    const { json, as, owners } = await applyTo()
    const data = Object.fromEntries(Array.from({ length: 15_000 }, (_, index) => [`${'k'.repeat(120)}${index}`, '']))
    expect((await json('POST', at, { body: configMap('a', data) })).code).toBe(201)
    expect(await owners(`${at}/a`)).toEqual({})
    expect(await as('me', `${at}/b`, configMap('b', data))).toMatchObject({ code: 413 })
  })

  it('take no more than what they are about, however wide, deep or long that is, and a refusal tells a part of it', async () => {
    const { as, json, ask } = await applyTo()
    const wide = Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`key-${index}`, 'value-of-it']))
    await json('POST', at, { body: configMap('wide', wide) })
    const answer = await ask('GET', `${at}/wide`)
    const text = answer.type === 'raw' ? String(answer.raw) : ''
    expect(text.length).toBeLessThan(2 * JSON.stringify(configMap('wide', wide)).length)

    const conflict = await as('me', `${at}/wide`, configMap('wide', Object.fromEntries(Object.keys(wide).map((key) => [key, '']))))
    expect(conflict.body.message).toMatch(/^Apply failed with 9000 conflicts: /)
    expect(conflict.body.details.causes).toHaveLength(200)
    const long = await as('me', `${at}/wide`, { ...configMap('wide'), ['k'.repeat(1_000_000)]: 1 })
    expect(long).toMatchObject({ code: 500 })
    expect(long.body.message.length).toBeLessThan(1000)
  })

  it('stand in the answer to a deletion, and in what a watcher hears of an object that leaves its selection', async () => {
    const { json, ask } = await applyTo()
    const pods = '/api/v1/namespaces/default/pods'
    await json('POST', pods, { body: pod('p', { nodeName: 'n' }, { labels: { a: 'b' } }) })
    const stop = new AbortController()
    const watch = await ask('GET', `${pods}?watch=true&labelSelector=a%3Db`, { signal: stop.signal })
    if (watch.type !== 'events') throw new Error('expected a watch')
    await json('PATCH', `${pods}/p`, { body: { metadata: { labels: { a: 'c' } } }, contentType: merge })
    const told: Record<string, number> = {}
    for await (const event of watch.events) {
      if (event.type === 'ERROR') throw new Error(event.text)
      told[event.type] = JSON.parse(event.text).object.metadata.managedFields.length
      if (event.type === 'DELETED') break
    }
    stop.abort()
    expect(told).toEqual({ ADDED: 1, DELETED: 1 })
    expect((await json('DELETE', `${pods}/p`)).body.metadata).toMatchObject({ deletionTimestamp: expect.any(String), managedFields: [{}] })
  })

  it('are shown with metadata alone, and to no node', async () => {
    const { json, ask } = await applyTo()
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
