import { noSuchResource } from '@bramble/shared/api/api-error.ts'
import type { Call, Verb } from '../call.ts'
import type { RequestVerb } from '../query/request-info.ts'

/** One subresource: for which kinds it is there, and what it does with each verb. */
export type Subresource = {
  readonly name: string
  isOf(kind: Call['kind']): boolean
  readonly verbs: Partial<Readonly<Record<RequestVerb, Verb>>>
}

/** The verb of the subresource that a call names; undefined when it has no such verb. */
export function subresourceOf(subresources: readonly Subresource[], { kind, info }: Call): Verb | undefined {
  const found = subresources.find((subresource) => subresource.name === info.subresource && subresource.isOf(kind))
  if (found === undefined) throw noSuchResource(`${kind.resource}/${info.subresource}`)
  return found.verbs[info.verb]
}

/** Those that a kind lists by name. */
export const isNamed =
  (name: string) =>
  (kind: Call['kind']): boolean =>
    kind.subresources?.named?.includes(name) ?? false
