import { noSuchResource } from '@bramble/shared/api/api-error.ts'
import type { Call, Verbs } from '../call.ts'

/** One subresource: for which kinds it is there, and what it does with each verb. */
export type Subresource = {
  readonly name: string
  isOf(kind: Call['kind']): boolean
  readonly verbs: Verbs
}

/** The verbs of the subresource that a call names. */
export function subresourceOf(subresources: readonly Subresource[], { kind, info }: Call): Verbs {
  const found = subresources.find((subresource) => subresource.name === info.subresource && subresource.isOf(kind))
  if (found === undefined) throw noSuchResource(`${kind.resource}/${info.subresource}`)
  return found.verbs
}

/** Those that a kind lists by name. */
export const isNamed =
  (name: string) =>
  (kind: Call['kind']): boolean =>
    kind.subresources?.named?.includes(name) ?? false
