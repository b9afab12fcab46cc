import { notFound } from '@bramble/shared/api/api-error.ts'
import type { Verb } from '../call.ts'
import { parseResourceVersion, reached } from '../query/resource-version.ts'
import { entryResponse } from '../answers/response.ts'

/** Never older than what the caller says it has seen: of a revision that is not there yet it is told so. */
export const get: Verb = async (call) => {
  const { api, kind, info, request } = call
  const asked = parseResourceVersion(request.query.get('resourceVersion'))
  if (asked !== undefined) await reached(call, asked)
  const entry = api.registry.find(kind, info.namespace, info.name ?? '')
  if (entry === undefined) throw notFound(kind, info.name ?? '')
  return entryResponse(call, await api.registry.inVersion(kind, entry))
}
