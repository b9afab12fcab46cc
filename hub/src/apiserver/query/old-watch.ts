import type { ApiRequest } from '@bramble/shared/api/api-request.ts'
import { partsToCollection } from './request-info.ts'

const oldWatch = /^(\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)\/watch\/(.+)$/

/** A watch as it was asked for before it was a parameter (`/api/v1/watch/pods`), asked for as it is today. */
export function withoutOldWatch(request: ApiRequest): ApiRequest {
  const [, root, rest = ''] = (request.method === 'GET' && oldWatch.exec(request.path)) || []
  if (root === undefined) return request
  const parts = rest.split('/').filter((part) => part !== '')
  const place = partsToCollection(parts)
  const [name, ...more] = parts.slice(place)
  if (more.length > 0) return request
  const query = new URLSearchParams(request.query)
  query.set('watch', 'true')
  const selector = query.get('fieldSelector') ?? ''
  if (name !== undefined) query.set('fieldSelector', `${selector === '' ? '' : `${selector},`}metadata.name=${name}`)
  const { method, headers, body, pageBytes, signal } = request
  return {
    ...{ method, headers, signal, query, path: `${root}/${parts.slice(0, place).join('/')}` },
    ...(body !== undefined && { body }),
    ...(pageBytes !== undefined && { pageBytes }),
  }
}
