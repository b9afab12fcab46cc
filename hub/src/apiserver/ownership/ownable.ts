import type { Kind } from '@bramble/shared/schema/kind.ts'
import { difference, empty, type FieldSet, leaf, pathSet, union } from './field-set.ts'

/** What a write is made through: a kind's objects or, of them, a subresource. */
export type Place = { readonly kind: Kind; readonly subresource: string }

/** Without what a write in this place does not reach: the status, or all but the status. */
export function reachable(set: FieldSet, { kind, subresource }: Place): FieldSet {
  const status = set['f:status']
  if (subresource === 'status') return status === undefined ? empty : { 'f:status': status }
  if (status === undefined || kind.subresources?.status !== true) return set
  const { 'f:status': _, ...rest } = set
  return rest
}

/** What tells an object from all others, and what the server writes, is nobody's. */
export const withoutIdentity = (set: FieldSet): FieldSet => difference(set, identity)

const ofMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]

const identity: FieldSet = ofMetadata.reduce<FieldSet>((set, field) => union(set, pathSet(['f:metadata', `f:${field}`])), {
  'f:apiVersion': leaf,
  'f:kind': leaf,
  'f:metadata': leaf,
})
