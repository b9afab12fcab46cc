import { type ApiError, fieldInvalid, invalid, isApiError } from '@bramble/shared/api/api-error.ts'
import { exactJson } from '@bramble/shared/json/exact-json.ts'

/** 422: the patch itself can be read, but what it makes of the object cannot. Kubernetes names it as a field `patch` of nothing. */
export const undecodable = (patch: unknown, why: string): ApiError =>
  invalid({ group: '', kind: '', resource: '' }, '', [fieldInvalid('patch', exactJson(patch), why)])

/** What is made of a patched object; `prefix` is what a body would be refused with. */
export function decoded<T>(patch: unknown, prefix: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (!isApiError(error, 'BadRequest')) throw error
    throw undecodable(patch, error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message)
  }
}
