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

  it('names the subresource that it does not serve, with details for clients that read them unasked', async () => {
    const { json } = await createTestApi()
    expect(await json('GET', '/api/v1/namespaces/default/pods/web/exec')).toMatchObject({
      code: 404,
      body: { reason: 'NotFound', message: 'the server could not find the requested resource (pods/exec)', details: {} },
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
