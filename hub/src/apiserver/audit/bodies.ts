import type { ApiResponse } from '@bramble/shared/api/api-request.ts'
import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'

/** Of one Event, in bytes: the default of Kubernetes' `--audit-log-truncate-max-event-size`. */
export const longestEvent = 100 * 1024

/** A body as one line of JSON; undefined when it is too long for an Event. */
export function bodyText(value: unknown, omitsManagedFields: boolean): string | undefined {
  const text = exactJson(omitsManagedFields ? withoutOwners(value) : value)
  return text.length > longestEvent ? undefined : text
}

/** What is answered, where that is an object: of watches and streams nothing is, and of what is too long. */
export function responseText(response: ApiResponse, omitsManagedFields: boolean): { readonly text?: string; readonly isCut: boolean } {
  if (response.type === 'events' || response.type === 'upgrade') return { isCut: false }
  if (response.type === 'stream') return { isCut: response.contentType.startsWith('application/json') }
  if (response.type === 'raw') {
    if (!response.contentType.startsWith('application/json')) return { isCut: false }
    if (response.raw.length > longestEvent || response.isDeflated === true) return { isCut: true }
  }
  const value = response.type === 'object' ? response.object : parseExactJson(Buffer.from(response.raw as string).toString())
  const text = bodyText(value, omitsManagedFields)
  return text === undefined ? { isCut: true } : { text, isCut: false }
}

/** Of an object, and of each in a list. */
function withoutOwners(value: unknown): unknown {
  if (!isObject(value)) return value
  const { metadata, items } = value
  const bare = isObject(metadata) && 'managedFields' in metadata ? { ...value, metadata: { ...metadata, managedFields: undefined } } : value
  return Array.isArray(items) ? { ...bare, items: items.map(withoutOwners) } : bare
}
