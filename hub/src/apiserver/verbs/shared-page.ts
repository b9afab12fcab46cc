import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import type { Call } from '../call.ts'
import { formOf } from '../answers/response.ts'
import { decodeContinue } from '../query/continue-token.ts'
import { queryNumber } from '../query/query-number.ts'
import { warnOfOdd } from './odd-objects.ts'

/** What may stand in the query of a page that is the same for whoever asks. */
const plain = new Set(['limit', 'continue'])

/** A page of what a whole fleet lists, packed once for all of it; undefined when it has to be made for this caller. */
export async function sharedPage({ api, kind, request, warn }: Call): Promise<ApiResponse | undefined> {
  const { query, pageBytes } = request
  if (api.pages === undefined || request.takesDeflated !== true || pageBytes === undefined) return undefined
  if ([...query.keys()].some((name) => !plain.has(name)) || formOf(request).type !== 'text') return undefined
  const limit = queryNumber(query, 'limit') ?? 0
  const token = query.get('continue') ?? ''
  const from = token === '' ? undefined : decodeContinue(token, api.registry.prefixOf(kind))
  const page = limit > 0 ? await api.pages.page({ limit, pageBytes, from }) : undefined
  if (page === undefined) return undefined
  warnOfOdd(warn, page.odd)
  return { type: 'raw', status: 200, contentType: 'application/json', raw: page.bytes, isDeflated: true }
}
