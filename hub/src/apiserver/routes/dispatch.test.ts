import { describe, expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

describe('dispatch', () => {
  it('refuses a write whose answer the caller could not read before it is done', async () => {
    const { json } = await createTestApi()
    const url = '/api/v1/namespaces/default/configmaps'
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }
    expect(await json('POST', url, { body, accept: 'text/html' })).toMatchObject({ code: 406, body: { reason: 'NotAcceptable' } })
    expect(await json('GET', `${url}/x`)).toMatchObject({ code: 404 })
  })

  it.each(['..', '.', 'a%b'])('takes %s for no name, whatever is asked of it', async (name) => {
    const { json } = await createTestApi()
    const why = name === 'a%b' ? "may not contain '%'" : `may not be '${name}'`
    const told = { code: 400, body: { reason: 'BadRequest', message: `Name parameter invalid: ${JSON.stringify(name)}: ${why}` } }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }
    for (const method of ['GET', 'PUT', 'DELETE'] as const)
      expect(await json(method, `/api/v1/namespaces/default/configmaps/${name}?resourceVersion=x`, { body })).toMatchObject(told)
    expect(
      (await json('GET', `/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3D${encodeURIComponent(name)}`)).code,
    ).toBe(200)
  })

  it.each(['none', 'none?resourceVersion=x', '', '?labelSelector=!', '?watch=true&resourceVersion=x'])(
    'who could not read an answer about %j is told so before what is wrong with it',
    async (path) => {
      const { json } = await createTestApi()
      const { code, body } = await json('GET', `/apis/apps/v1/namespaces/default/deployments/${path}`, { accept: 'text/html' })
      expect([code, body.reason]).toEqual([406, 'NotAcceptable'])
    },
  )

  it('gives up when its sender does: 504, and what waits is told', async () => {
    const { json } = await createTestApi({ mayLagMs: 3_600_000 })
    const url = '/api/v1/namespaces/default/configmaps'
    const ask = (timeout: string) => json('GET', `${url}/kube-root-ca.crt?resourceVersion=99999999&timeout=${timeout}`)
    expect(await ask('20ms')).toMatchObject({
      code: 504,
      body: { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' },
    })
    for (const [text, why] of [
      ['5', 'missing unit in duration "5"'],
      ['x', 'invalid duration "x"'],
      ['5x', 'unknown unit "x" in duration "5x"'],
    ] as const)
      expect(await ask(text)).toMatchObject({
        code: 400,
        body: { reason: 'BadRequest', message: `invalid timeout specified in the request URL - time: ${why}` },
      })
    for (const text of ['', '0s', '1h30m', '-1s']) expect((await json('GET', `${url}?timeout=${text}`)).code).toBe(200)
    const watch = new AbortController()
    const watching = await json('GET', `${url}?watch=true&timeout=x&resourceVersion=x`, { signal: watch.signal })
    expect(watching.body.message).not.toContain('timeout')
  })

  it('names the subresource that it does not serve, with details for clients that read them unasked', async () => {
    const { json } = await createTestApi()
    expect(await json('GET', '/api/v1/namespaces/default/pods/web/nothing')).toMatchObject({
      code: 404,
      body: { reason: 'NotFound', message: 'the server could not find the requested resource (pods/nothing)', details: {} },
    })
  })

  it.each([
    ['POST', '/api/v1/namespaces/default/configmaps', 'CreateOptions'],
    ['PUT', '/api/v1/namespaces/default/configmaps/x', 'UpdateOptions'],
    ['PATCH', '/api/v1/namespaces/default/configmaps/x', 'PatchOptions'],
    ['POST', '/api/v1/namespaces/default/bindings', 'CreateOptions'],
    ['POST', '/api/v1/namespaces/default/pods/x/eviction', 'CreateOptions'],
    ['POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 'CreateOptions'],
    ['POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', 'CreateOptions'],
  ] as const)('%s %s refuses options that nobody knows before it reads the body', async (method, url, kind) => {
    const { json } = await createTestApi()
    const all = '"Ignore", "Strict", "Warn"'
    expect((await json(method, `${url}?fieldValidation=Other`, { body: 'no JSON' })).body).toMatchObject({
      code: 422,
      message: `${kind}.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Other": supported values: ${all}`,
    })
    expect((await json(method, `${url}?dryRun=Some`, { body: 'no JSON' })).body).toMatchObject({
      code: 422,
      message: `${kind}.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"`,
    })
  })
})
