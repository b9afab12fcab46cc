import type { Method } from '@bramble/shared/api/api-request.ts'
import { describe, expect, it } from 'vitest'
import { requestInfo } from './request-info.ts'

describe('what a request is about', () => {
  const cases: readonly [Method, string, object][] = [
    ['GET', '/api/v1/pods', { verb: 'list', group: '', version: 'v1', resource: 'pods' }],
    ['GET', '/api/v1/namespaces/a/pods', { verb: 'list', resource: 'pods', namespace: 'a' }],
    ['GET', '/api/v1/namespaces/a/pods?watch=1', { verb: 'watch', resource: 'pods', namespace: 'a' }],
    ['GET', '/api/v1/namespaces/a/pods?watch=false', { verb: 'list', resource: 'pods', namespace: 'a' }],
    ['GET', '/api/v1/namespaces/a/pods/p', { verb: 'get', resource: 'pods', namespace: 'a', name: 'p' }],
    ['GET', '/api/v1/namespaces/a/pods/p/log', { verb: 'get', resource: 'pods', name: 'p', subresource: 'log' }],
    ['POST', '/apis/apps/v1/namespaces/a/deployments', { verb: 'create', group: 'apps', resource: 'deployments' }],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', { verb: 'patch', name: 'd', subresource: 'scale' }],
    ['DELETE', '/api/v1/nodes/n', { verb: 'delete', resource: 'nodes', name: 'n' }],
    ['DELETE', '/api/v1/nodes', { verb: 'deletecollection', resource: 'nodes' }],
    ['GET', '/api/v1/namespaces', { verb: 'list', resource: 'namespaces' }],
    ['GET', '/api/v1/namespaces/a', { verb: 'get', resource: 'namespaces', name: 'a', namespace: 'a' }],
    ['PUT', '/api/v1/namespaces/a/finalize', { verb: 'update', resource: 'namespaces', name: 'a', subresource: 'finalize' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dp', { verb: 'list', resource: 'pods', name: 'p' }],
    ['GET', '/api', { type: 'path', verb: 'get', path: '/api' }],
    ['GET', '/apis/apps/v1', { type: 'path' }],
    ['GET', '/version', { type: 'path' }],
  ]
  it.each(cases)('%s %s', (method, url, expected) => {
    const [path = '', query = ''] = url.split('?')
    expect(requestInfo(method, path, new URLSearchParams(query))).toMatchObject(expected)
  })

  it('only a selector of many names one: a create cannot borrow a name', () => {
    const query = new URLSearchParams({ fieldSelector: 'metadata.name=mine' })
    expect(requestInfo('POST', '/api/v1/namespaces/a/secrets', query)).not.toHaveProperty('name')
    expect(requestInfo('GET', '/api/v1/namespaces/a/secrets/other', query)).toMatchObject({ name: 'other' })
  })
})
