import { notFound } from '@bramble/shared/api-error.ts'
import type { Verb } from '../call.ts'
import { entryResponse } from '../response.ts'

export const get: Verb = async (call) => {
  const { api, kind, info } = call
  const entry = api.registry.find(kind, info.namespace, info.name ?? '')
  if (entry === undefined) throw notFound(kind, info.name ?? '')
  return entryResponse(call, entry)
}
