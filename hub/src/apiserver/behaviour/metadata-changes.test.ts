import { beforeAll, describe, expect, it } from 'vitest'
import { configMap, createTestApi, type Json, pod } from '../testing/api.ts'

const ns = '/api/v1/namespaces/default'
const apps = '/apis/apps/v1/namespaces/default'
const merge = 'application/merge-patch+json'
const jsonPatch = 'application/json-patch+json'

let json: Awaited<ReturnType<typeof createTestApi>>['json']
beforeAll(async () => {
  ;({ json } = await createTestApi())
  await json('POST', `${ns}/configmaps`, { body: configMap('c') })
  await json('POST', `${ns}/pods`, { body: pod('p') })
})

const causesOf = (body: Json): readonly string[] =>
  (body.details?.causes ?? []).map(({ field, reason }: Json) => `${field}: ${String(reason).replace('FieldValue', '')}`)
const post = async (url: string, body: unknown) => {
  const answer = await json('POST', `${url}?dryRun=All`, { body })
  return { code: answer.code, causes: causesOf(answer.body), body: answer.body, warning: answer.headers['warning'] }
}
const patch = async (url: string, body: unknown, contentType = merge) => {
  const answer = await json('PATCH', `${url}?dryRun=All`, { body, contentType })
  return { code: answer.code, causes: causesOf(answer.body), body: answer.body, warning: answer.headers['warning'] }
}

describe('what a schema and the rules have against an object is told together', () => {
  it.each<[string, string, object, readonly string[]]>([
    [
      'a choice and a number',
      `${ns}/pods`,
      pod('n', { restartPolicy: 'x', activeDeadlineSeconds: -1 }),
      ['spec.restartPolicy: NotSupported', 'spec.activeDeadlineSeconds: Invalid'],
    ],
    [
      'what is missing, in metadata as well',
      `${ns}/pods`,
      { metadata: { name: 'N', labels: { '-': 'x' } }, spec: { containers: [{ image: 'b' }] } },
      ['spec.containers[0].name: Required', 'metadata.name: Invalid', 'metadata.labels: Invalid'],
    ],
    ['a spec that is missing has containers', `${ns}/pods`, { metadata: { name: 'n' } }, ['spec.containers: Required']],
    ['a name', `${ns}/pods`, { spec: {} }, ['metadata.name: Required', 'spec.containers: Required']],
    [
      'a template and a selector',
      `${apps}/deployments`,
      { metadata: { name: 'n' }, spec: { replicas: -1 } },
      ['spec.selector: Required', 'spec.template.spec.containers: Required', 'spec.replicas: Invalid'],
    ],
    [
      'the type of a Service, and its ports',
      `${ns}/services`,
      { metadata: { name: 'n' }, spec: { type: 'x', ports: [{ port: 0, protocol: 'y' }] } },
      ['spec.type: NotSupported', 'spec.ports[0].protocol: NotSupported', 'spec.ports[0].port: Invalid'],
    ],
  ])('%s', async (_what, url, body, causes) => {
    const answer = await post(url, body)
    expect(answer.code).toBe(422)
    for (const cause of causes) expect(answer.causes).toContain(cause)
    expect(new Set(answer.causes).size).toBe(answer.causes.length)
  })

  it('by a change as well, and nothing of it is stored', async () => {
    const answer = await patch(`${ns}/pods/p`, { spec: { restartPolicy: 'x' }, metadata: { labels: { '-': 'a' } } })
    expect(answer.code).toBe(422)
    expect(answer.causes).toEqual(expect.arrayContaining(['spec.restartPolicy: NotSupported', 'metadata.labels: Invalid']))
    const { body } = await json('GET', `${ns}/pods/p`)
    const put = await json('PUT', `${ns}/pods/p`, { body: { ...body, spec: { ...body.spec, dnsPolicy: 'x', activeDeadlineSeconds: -2 } } })
    expect([put.code, causesOf(put.body)]).toEqual([422, expect.arrayContaining(['spec.dnsPolicy: NotSupported'])])
    expect((await json('GET', `${ns}/pods/p`)).body).toEqual(body)
  })

  it('but not of a status that nobody takes', async () => {
    expect(await post('/api/v1/namespaces', { metadata: { name: 'n' }, status: { phase: 'Strange' } })).toMatchObject({
      code: 201,
      body: { status: { phase: 'Active' } },
    })
    expect((await post(`${ns}/pods`, { ...pod('n'), status: { phase: 'Strange', qosClass: 'x' } })).code).toBe(201)
    expect((await patch(`${ns}/pods/p`, { status: { phase: 'Strange' } })).code).toBe(200)
    expect(await patch(`${ns}/pods/p/status`, { status: { phase: 'Strange' } })).toMatchObject({ code: 422 })
    expect((await patch(`${ns}/pods/p/status`, { spec: { restartPolicy: 'x' } })).code).toBe(200)
  })

  it('of a body full of nonsense a bounded answer', async () => {
    const containers = Array.from({ length: 5000 }, () => ({ imagePullPolicy: 'x' }))
    const answer = await post(`${ns}/pods`, pod('n', { containers }))
    expect([answer.code, answer.causes.length]).toEqual([422, 100])
  })
})

describe('metadata that a change may not touch', () => {
  it.each<[object, string]>([
    [{ uid: 'another' }, 'metadata.uid: Invalid'],
    [{ deletionTimestamp: '2020-01-01T00:00:00Z' }, 'metadata.deletionTimestamp: Invalid'],
    [{ deletionGracePeriodSeconds: 3 }, 'metadata.deletionGracePeriodSeconds: Invalid'],
    [{ deletionGracePeriodSeconds: 0 }, 'metadata.deletionGracePeriodSeconds: Invalid'],
  ])('%j is immutable', async (metadata, cause) => {
    for (const type of [merge, 'application/strategic-merge-patch+json'])
      for (const url of [`${ns}/configmaps/c`, `${ns}/pods/p`, `${ns}/pods/p/status`, '/api/v1/namespaces/default']) {
        const answer = await patch(url, { metadata }, type)
        expect([answer.code, answer.causes]).toEqual([422, [cause]])
        expect(answer.body.message).toContain('field is immutable')
      }
    const [[key, value] = []] = Object.entries(metadata)
    expect(await patch(`${ns}/configmaps/c`, [{ op: 'add', path: `/metadata/${key}`, value }], jsonPatch)).toMatchObject({
      code: 422,
      causes: [cause],
    })
  })

  it('a PUT with another uid meets another object than it was meant for', async () => {
    const { body } = await json('GET', `${ns}/configmaps/c`)
    const put = (metadata: object) =>
      json('PUT', `${ns}/configmaps/c?dryRun=All`, { body: { ...body, metadata: { ...body.metadata, ...metadata } } })
    expect(await put({ uid: 'another' })).toMatchObject({ code: 409, body: { reason: 'Conflict' } })
    expect(await put({ deletionTimestamp: '2020-01-01T00:00:00Z' })).toMatchObject({ code: 422 })
    expect(await put({ uid: '', creationTimestamp: null, generation: 7 })).toMatchObject({ code: 200 })
  })
})

describe('metadata that is put in order', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }

  it('its own address goes', async () => {
    expect((await post(`${ns}/configmaps`, configMap('n', {}, { selfLink: '/a' }))).body.metadata.selfLink).toBeUndefined()
    expect((await patch(`${ns}/configmaps/c`, { metadata: { selfLink: '/a', labels: { a: 'b' } } })).body.metadata.selfLink).toBeUndefined()
  })

  it('an owner that is named twice is named once, and its sender is told', async () => {
    const other = { ...owner, uid: 'v' }
    for (const answer of [
      await post(`${ns}/configmaps`, configMap('n', {}, { ownerReferences: [owner, other, owner, owner] })),
      await patch(`${ns}/configmaps/c`, { metadata: { ownerReferences: [owner, other, owner] } }),
    ]) {
      expect(answer.body.metadata.ownerReferences).toEqual([owner, other])
      expect(answer.warning).toContain('.metadata.ownerReferences contains duplicate entries')
      expect(answer.warning).toContain('duplicate UID(s) observed: u')
    }
    const { warning, body } = await post(`${ns}/configmaps`, configMap('n', {}, { ownerReferences: [owner, { ...owner, name: 'q' }] }))
    expect([warning, body.metadata.ownerReferences.length]).toEqual([undefined, 2])
  })

  it('a negative generation is refused where the server does not count it itself', async () => {
    expect((await post(`${ns}/configmaps`, configMap('n', {}, { generation: -1 }))).causes).toEqual(['metadata.generation: Invalid'])
    expect((await post(`${ns}/pods`, pod('n', {}, { generation: -1 }))).code).toBe(201)
  })

  it('what names begin with is checked beside a name', async () => {
    expect((await post(`${ns}/configmaps`, configMap('n', {}, { generateName: 'A_' }))).causes).toEqual(['metadata.generateName: Invalid'])
  })
})

it('a Status leaves out what says nothing', async () => {
  expect((await json('GET', `${ns}/configmaps/none`)).body.details).toEqual({ name: 'none', kind: 'configmaps' })
  expect((await json('GET', `${apps}/deployments/none`)).body.details).toEqual({ name: 'none', group: 'apps', kind: 'deployments' })
  const { body } = await json('DELETE', `${ns}/configmaps/c?dryRun=All`)
  expect(Object.keys(body.details)).toEqual(['name', 'kind', 'uid'])
})
