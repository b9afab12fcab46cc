import { describe, expect, it } from 'vitest'
import { anonymous } from './authn/client-certificate.ts'
import { admin, configMap, createTestApi } from './testing/api.ts'

const url = '/api/v1/namespaces/default/configmaps'

describe('the request chain', () => {
  it('what is malformed is refused with a Status, whatever it is', async () => {
    const { json } = await createTestApi()
    const post = (body: string, contentType = 'application/json') => json('POST', url, { body, contentType })
    expect(await post('{"kind":')).toMatchObject({ code: 400, body: { kind: 'Status', status: 'Failure', reason: 'BadRequest' } })
    expect((await post('[]')).code).toBe(400)
    expect((await post('a: [', 'application/yaml')).code).toBe(400)
    expect((await post('k8s\0nonsense', 'application/vnd.kubernetes.protobuf')).code).toBe(400)
    expect((await post('<a/>', 'application/xml')).code).toBe(415)
    expect((await post('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}')).code).toBe(400)
    expect((await post('{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":1}}')).body.message).toContain(
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    )
    expect((await post('{"kind":"ConfigMap","metadata":{"name":"a","namespace":"other"}}')).code).toBe(400)
    expect((await json('PATCH', `${url}/a`, { body: '{}', contentType: 'application/json' })).code).toBe(415)
    expect((await json('PATCH', `${url}/a`, { body: '{}', contentType: 'application/apply-patch+cbor' })).code).toBe(415)
    expect((await json('POST', `${url}?dryRun=Some`, { body: configMap('a') })).code).toBe(422)
    expect((await json('POST', `${url}?fieldValidation=Some`, { body: { ...configMap('a'), x: 1 } })).code).toBe(422)
    expect((await json('GET', `${url}?labelSelector=a%20in%20(b`)).code).toBe(400)
    expect((await json('GET', `${url}?fieldSelector=data.k%3Dv`)).code).toBe(400)
    expect((await json('GET', `${url}?limit=`)).code).toBe(400)
    expect((await json('GET', `${url}?resourceVersion=x`)).code).toBe(400)
  })

  it('what is not there is not found, and what is not done not allowed', async () => {
    const { json } = await createTestApi()
    for (const path of [
      '/nothing',
      '/api/v1/nothings',
      '/apis/none/v1/pods',
      '/api/v1/namespaces/default/nodes',
      `${url}/a/status`,
      '/api/v1/namespaces/default',
    ])
      expect((await json('GET', path)).code, path).toBe(path.endsWith('default') ? 200 : 404)
    expect((await json('POST', `${url}/a`, { body: configMap('a') })).code).toBe(405)
    expect((await json('PUT', url, { body: configMap('a') })).code).toBe(405)
  })

  it('what watches read, and what is asked for although it is out of date, is counted', async () => {
    const { json, ask } = await createTestApi()
    await json('POST', url, { body: configMap('a') })
    const stop = new AbortController()
    const answer = await ask('GET', `${url}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, {
      signal: stop.signal,
    })
    if (answer.type !== 'events') throw new Error(`expected a watch, found ${answer.type}`)
    const events = answer.events[Symbol.asyncIterator]()
    expect((await events.next()).value).toMatchObject({ type: 'ADDED' })
    stop.abort()
    await json('GET', '/api/v1/namespaces/default/endpoints')
    const answered = await ask('GET', '/metrics')
    const page = answered.type === 'raw' ? String(answered.raw) : ''
    expect(page).toContain('apiserver_watch_events_total{group="",version="v1",resource="configmaps"} 1\n')
    expect(page).toContain(
      'apiserver_requested_deprecated_apis{group="",version="v1",resource="endpoints",subresource="",removed_release=""} 1\n',
    )
  })

  it('nobody is let in without a name, and a failure of ours does not tell its inside', async () => {
    const { json } = await createTestApi()
    expect((await json('GET', url, { user: anonymous })).code).toBe(401)
    expect((await json('GET', '/metrics', { user: anonymous })).code).toBe(401)
    expect((await json('GET', '/version', { user: anonymous })).code).toBe(200)
    const broken = await createTestApi({
      openNodeStream: () => {
        throw new Error('secret path /var/lib')
      },
    })
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } }
    await broken.json('POST', '/api/v1/namespaces/default/pods', { body: pod })
    const failed = await broken.json('GET', '/api/v1/namespaces/default/pods/p/log')
    expect(failed).toMatchObject({ code: 500, body: { reason: 'InternalError' } })
    expect(failed.body.message).not.toContain('/var/lib')
  })

  it('more requests at once than it can answer wait, and more than may wait are told to come back, watches aside', async () => {
    const { json, ask } = await createTestApi({ maxInFlight: 2 })
    const stop = new AbortController()
    for (let index = 0; index < 5; index++) expect((await ask('GET', `${url}?watch=true`, { signal: stop.signal })).status).toBe(200)
    const answers = await Promise.all(Array.from({ length: 600 }, () => json('GET', `${url}/none`)))
    const refused = answers.filter(({ code }) => code === 429)
    // Two are answered and 512 wait.
    expect([refused.length, refused[0]?.headers['retry-after']]).toEqual([86, '1'])
    expect((await json('GET', url)).code).toBe(200)
    stop.abort()
  })

  it('tells its metrics', async () => {
    const { json, ask } = await createTestApi()
    await json('POST', url, { body: configMap('a') })
    await json('GET', '/api/v1/made-up-name')
    await json('GET', '/api/v1/made-up-name', { user: anonymous })
    await json('GET', `${url}/a/made-up-name`)
    const page = await ask('GET', '/metrics')
    if (page.type !== 'raw') throw new Error('expected text')
    expect(page.raw).toContain(
      'apiserver_request_total{verb="POST",dry_run="",resource="configmaps",group="",version="v1",subresource="",scope="namespace",component="apiserver",code="201"} 1',
    )
    expect(page.raw).toMatch(/^apiserver_current_inflight_requests\{request_kind="readOnly"\} 1$/m)
    expect(page.raw).toMatch(/^apiserver_request_duration_seconds_bucket\{verb="POST",.*,le="\+Inf"\} \d+$/m)
    expect(page.raw).not.toContain('made-up-name')
    expect(page.raw).toMatch(/^apiserver_storage_objects\{resource="configmaps"\} 1$/m)
    expect(page.raw).toMatch(/^apiserver_storage_objects\{resource="deployments\.apps"\} 0$/m)
    expect(page.raw).toMatch(/^kubernetes_build_info\{git_version="v1\.35\.0.*",major="1",minor="35",platform=".*"\} 1$/m)
    expect(page.raw).toMatch(/^bramble_store_revision \d+$/m)
  })

  it('answers who one is and what one may', async () => {
    const { json } = await createTestApi()
    const whoami = await json('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' },
    })
    expect(whoami.body.status.userInfo).toMatchObject({ username: admin.name, groups: admin.groups })
    const may = async (verb: string, user = admin) =>
      (
        await json('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
          user,
          body: { spec: { resourceAttributes: { verb, resource: 'pods', namespace: 'default' } } },
        })
      ).body.status.allowed
    expect(await may('create')).toBe(true)
  })
})
