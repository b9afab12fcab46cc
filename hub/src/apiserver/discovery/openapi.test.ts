import { describe, expect, it } from 'vitest'
import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { createRoutes } from '../routes/routes.ts'
import { createOpenApi } from './openapi.ts'

const openApi = createOpenApi({ routes: createRoutes({ kinds: createKindSet(kinds) }), version: 'v1.2.3' })
function get(target: string, headers: ApiRequest['headers'] = {}) {
  const url = new URL(target, 'http://hub')
  if (!openApi.at.test(url.pathname)) return undefined
  const response = openApi.answer({
    method: 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    signal: AbortSignal.timeout(1000),
  })
  return response?.type === 'raw' ? response : undefined
}
const body = (target: string) =>
  JSON.parse(Buffer.from(get(target)?.raw ?? '').toString()) as { paths: Record<string, { serverRelativeURL: string }> }

describe('/openapi', () => {
  it('lists the v3 documents under addresses that change with their content', () => {
    const { paths } = body('/openapi/v3')
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/coordination.k8s.io/v1']))
    const address = paths['apis/apps/v1']?.serverRelativeURL ?? ''
    expect(address).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{32}$/)
    expect(get(address)?.headers?.['cache-control']).toContain('immutable')
    expect(get('/openapi/v3/apis/apps/v1?hash=old')?.headers?.['cache-control']).toBeUndefined()
  })

  it('does not send again what the client has', () => {
    const etag = get('/openapi/v3/api/v1')?.headers?.['etag'] ?? ''
    expect(get('/openapi/v3/api/v1', { 'if-none-match': etag })).toMatchObject({ status: 304, raw: '' })
  })

  it.each([
    ['application/com.github.proto-openapi.spec.v2@v1.0+protobuf', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'],
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    [undefined, 'application/json'],
  ])('answers v2 to Accept %s as %s', (accept, contentType) => {
    expect(get('/openapi/v2', { accept })).toMatchObject({ status: 200, contentType })
  })

  it('refuses v2 in a form it does not have, and leaves other paths to others', () => {
    expect(() => get('/openapi/v2', { accept: 'text/html' })).toThrow(expect.objectContaining({ reason: 'NotAcceptable' }))
    expect(get('/openapi/v3/apis/none/v1')).toBeUndefined()
    expect(get('/openapi')).toBeUndefined()
  })
})
