import type { Method } from '@bramble/shared/api/api-request.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configMap, createTestApi, type Json, pod } from '../testing/api.ts'

const ns = '/api/v1/namespaces/default'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

let api: Awaited<ReturnType<typeof createTestApi>>
beforeAll(async () => {
  api = await createTestApi()
  for (const name of ['a', 'b', 'c'])
    await api.json('POST', `${ns}/configmaps`, { body: configMap(name, { text: 'yes: "1"\n# x', no: '1.0' }) })
  await api.json('POST', `${ns}/pods`, { body: pod('p', { nodeName: 'n' }) })
})

const causesOf = (body: Json): readonly string[] =>
  (body.details?.causes ?? []).map(({ field, reason }: Json) => `${field}: ${String(reason).replace('FieldValue', '')}`)
const raw = async (method: Method, url: string, accept: string, userAgent?: string) => {
  const answer = await api.ask(method, url, { accept, ...(userAgent !== undefined && { userAgent }) })
  if (answer.type !== 'raw') throw new Error(`expected text, found ${answer.type}`)
  return { status: answer.status, contentType: answer.contentType, text: Buffer.from(answer.raw as string).toString() }
}

describe('what a client takes', () => {
  it.each([
    'text/html',
    'image/*',
    'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
    'application/cbor',
    'application/json;as=Gadget;v=v1;g=meta.k8s.io',
  ])('%s alone is 406 wherever it is asked for', async (accept) => {
    for (const url of [`${ns}/pods/p`, `${ns}/pods`, `${ns}/pods?watch=true`, '/api', '/apis', '/apis/apps/v1', '/version', '/'])
      expect(await api.json('GET', url, { accept })).toMatchObject({
        code: 406,
        body: {
          reason: 'NotAcceptable',
          message: expect.stringMatching(/^only the following media types are accepted: application\/json/),
        },
      })
    expect((await api.json('GET', `${ns}/pods/none`, { accept })).code).toBe(406)
  })

  it('what is no object has no rows, and no watch is YAML', async () => {
    for (const url of ['/apis', '/version']) expect((await api.json('GET', url, { accept: table })).code).toBe(406)
    expect((await raw('GET', `${ns}/pods?watch=true`, 'application/yaml')).status).toBe(406)
    expect((await api.json('GET', `${ns}/pods?includeObject=All`, { accept: table })).code).toBe(400)
  })

  it.each([`${ns}/configmaps/a`, `${ns}/configmaps`, '/apis', '/version', `${ns}/configmaps/none`, '/api/v1'])(
    '%s as YAML says the same',
    async (url) => {
      const { contentType, text, status } = await raw('GET', url, 'application/yaml')
      const { code, body } = await api.json('GET', url)
      expect([contentType, status, parse(text)]).toEqual(['application/yaml', code, body])
    },
  )

  it('JSON is for people when they ask for it or come with curl', async () => {
    const { body } = await api.json('GET', `${ns}/configmaps/a`)
    for (const [url, agent] of [
      [`${ns}/configmaps/a?pretty=true`, undefined],
      [`${ns}/configmaps/a`, 'curl/8.5.0'],
      [`${ns}/configmaps/a`, 'Mozilla/5.0 (X11)'],
    ] as const)
      expect((await raw('GET', url, 'application/json', agent)).text).toBe(`${JSON.stringify(body, undefined, 2)}\n`)
    expect((await raw('GET', `${ns}/configmaps/a?pretty=false`, '*/*', 'curl/8.5.0')).text).not.toContain('\n  ')
  })
})

describe('the query of a list', () => {
  const list = async (query: string) => {
    const { code, body } = await api.json('GET', `${ns}/configmaps?${query}`)
    return { code, causes: causesOf(body), body }
  }
  it.each([
    'limit=',
    'limit=abc',
    'limit=1.5',
    'timeoutSeconds=',
    'timeoutSeconds=1m',
    'resourceVersion=abc',
    'continue=xx',
    'watch=true&limit=abc',
  ])('%s is 400', async (query) => {
    expect((await list(query)).code).toBe(400)
  })

  it('a limit that is not above 0 is none', async () => {
    for (const query of ['limit=-1', 'limit=0', 'limit=%2B7', 'timeoutSeconds=-1', ''])
      expect(await list(query)).toMatchObject({ code: 200, body: { items: [{}, {}, {}] } })
  })

  it.each<[string, readonly string[]]>([
    ['resourceVersionMatch=Exact', ['resourceVersionMatch: Forbidden']],
    ['resourceVersionMatch=bad&resourceVersion=1', ['resourceVersionMatch: NotSupported']],
    ['resourceVersionMatch=bad', ['resourceVersionMatch: Forbidden', 'resourceVersionMatch: NotSupported']],
    ['resourceVersionMatch=Exact&resourceVersion=0', ['resourceVersionMatch: Forbidden']],
    ['resourceVersionMatch=Exact&resourceVersion=1&continue=x', ['resourceVersionMatch: Forbidden']],
    ['sendInitialEvents=true', ['sendInitialEvents: Forbidden']],
    ['sendInitialEvents=false', ['sendInitialEvents: Forbidden']],
    ['watch=true&resourceVersionMatch=NotOlderThan', ['resourceVersionMatch: Forbidden']],
    ['watch=true&resourceVersionMatch=Exact', ['resourceVersionMatch: Forbidden', 'resourceVersionMatch: NotSupported']],
    ['watch=true&sendInitialEvents=true', ['resourceVersionMatch: Forbidden']],
    ['watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x', ['resourceVersionMatch: Forbidden']],
  ])('%s is invalid, with its fields', async (query, causes) => {
    const answer = await list(query)
    expect([answer.code, answer.causes]).toEqual([422, causes])
    expect(answer.body.details).toMatchObject({ group: 'meta.k8s.io', kind: 'ListOptions' })
  })

  it('what is continued is read where it began', async () => {
    const { body } = await list('limit=1')
    const next = `continue=${body.metadata.continue}`
    expect((await list(`${next}&resourceVersion=1`)).body).toMatchObject({
      code: 400,
      message: 'specifying resource version is not allowed when using continue',
    })
    expect((await list(`${next}&resourceVersion=0`)).body.items.map(({ metadata }: Json) => metadata.name)).toEqual(['b', 'c'])
    expect((await list(next)).code).toBe(200)
  })
})

describe('how to delete', () => {
  const remove = async (query: string, body?: unknown) => {
    const answer = await api.json(
      'DELETE',
      `${ns}/configmaps/a?dryRun=All${query}`,
      body === undefined ? {} : { body: JSON.stringify(body) },
    )
    return { code: answer.code, causes: causesOf(answer.body), body: answer.body }
  }
  it.each<[string, unknown, readonly string[]]>([
    ['&propagationPolicy=bad', undefined, ['propagationPolicy: NotSupported']],
    ['&propagationPolicy=', undefined, ['propagationPolicy: NotSupported']],
    ['', { propagationPolicy: 'x' }, ['propagationPolicy: NotSupported']],
    ['&orphanDependents=true&propagationPolicy=Foreground', undefined, ['propagationPolicy: Invalid']],
    ['', { orphanDependents: false, propagationPolicy: 'Orphan' }, ['propagationPolicy: Invalid']],
    ['&dryRun=some', undefined, ['dryRun: NotSupported']],
    ['', { dryRun: ['x'], propagationPolicy: 'y' }, ['propagationPolicy: NotSupported', 'dryRun: NotSupported']],
  ])('%s %j is invalid, with its fields', async (query, body, causes) => {
    const answer = await remove(query, body)
    expect([answer.code, answer.causes, answer.body.details.kind]).toEqual([422, causes, 'DeleteOptions'])
  })

  it.each<[string, unknown]>([
    ['&gracePeriodSeconds=-1', undefined],
    ['', { gracePeriodSeconds: -9 }],
    ['', null],
    ['', {}],
    ['', { kind: 'DeleteOptions', apiVersion: 'apps/v1' }],
    ['', { kind: null, apiVersion: '', preconditions: null, propagationPolicy: null, dryRun: null }],
  ])('%s %j is good', async (query, body) => {
    expect((await remove(query, body)).code).toBe(200)
  })

  it('a grace below 0 is a second', async () => {
    const { body } = await api.json('DELETE', `${ns}/pods/p?dryRun=All&gracePeriodSeconds=-5`)
    expect(body.metadata.deletionGracePeriodSeconds).toBe(1)
  })

  it('what stands in the query counts only where there is no body, as in Kubernetes', async () => {
    const { code } = await remove('&propagationPolicy=Foreground', { orphanDependents: true })
    expect(code).toBe(200)
    const ask = (query: string, body: object) => api.json('DELETE', `${ns}/pods/p?dryRun=All&${query}`, { body: JSON.stringify(body) })
    const { body } = await ask('gracePeriodSeconds=3', {})
    expect(body.metadata.deletionGracePeriodSeconds).toBe(30)
  })

  it('what others are left to finish is answered with 202, as before there were policies', async () => {
    expect((await api.json('DELETE', `${ns}/pods/p?dryRun=All&orphanDependents=false`)).code).toBe(202)
    expect((await api.json('DELETE', `${ns}/pods/p?dryRun=All&propagationPolicy=Background`)).code).toBe(200)
  })
})

describe('paths and methods', () => {
  it('the root lists what there is', async () => {
    const { code, body } = await api.json('GET', '/')
    expect(code).toBe(200)
    for (const path of ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/healthz', '/version'])
      expect(body.paths).toContain(path)
  })

  it.each([
    '/nope',
    '/api/v1/nope',
    '/api/v2',
    '/apis/nope/v1',
    '/apis/apps/v1/nope',
    '/debug/pprof',
    '/logs',
    '/healthz/nope',
    `${ns}/pods/p/nope`,
  ])('%s is not there, and nobody knows more', async (url) => {
    const { code, body } = await api.json('GET', url)
    expect([code, body.reason, body.details]).toEqual([404, 'NotFound', {}])
  })

  it.each<[Method, string, string]>([
    ['PUT', `${ns}/pods`, 'DELETE, GET, POST'],
    ['POST', `${ns}/pods/p`, 'DELETE, GET, PATCH, PUT'],
    ['POST', '/api/v1/pods', 'GET'],
    ['DELETE', '/api/v1/pods', 'GET'],
    ['PATCH', '/api/v1/nodes', 'DELETE, GET, POST'],
    ['DELETE', `${ns}/pods/p/status`, 'GET, PATCH, PUT'],
    ['GET', `${ns}/pods/p/binding`, 'POST'],
    ['POST', '/version', 'GET'],
  ])('%s %s is not allowed; what is stands in Allow', async (method, url, allow) => {
    const { code, headers, body } = await api.json(method, url, { body: {} })
    expect([code, headers['allow'], body.details]).toEqual([405, allow, {}])
  })

  it.each<[string, readonly string[]]>([
    ['/api/v1/watch/namespaces/default/configmaps', ['a', 'b', 'c']],
    ['/api/v1/watch/configmaps?fieldSelector=metadata.name%3Da', ['a']],
    ['/api/v1/watch/namespaces/default/configmaps/b', ['b']],
    ['/api/v1/watch/namespaces/default', ['default']],
  ])('%s is a watch, as it was asked for long ago', async (url, names) => {
    const gone = new AbortController()
    const answer = await api.ask('GET', url, { signal: gone.signal })
    if (answer.type !== 'events') throw new Error(`expected a watch, found ${answer.type}`)
    const seen: string[] = []
    for await (const { text } of answer.events) {
      seen.push(JSON.parse(text).object.metadata.name as string)
      if (seen.length === names.length) break
    }
    gone.abort()
    expect(seen).toEqual(names)
  })
})

it('a binding is answered with the code of what was made', async () => {
  await api.json('POST', `${ns}/pods`, { body: pod('q') })
  const { code, body } = await api.json('POST', `${ns}/pods/q/binding`, { body: { metadata: { name: 'q' }, target: { name: 'n' } } })
  expect([code, body]).toEqual([201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }])
})
