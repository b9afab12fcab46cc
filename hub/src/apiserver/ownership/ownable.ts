import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { partIn, type Scope } from '../verbs/scope.ts'
import { difference, empty, type FieldSet, isEmpty, leaf, pathSet, under, union } from './field-set.ts'

/** What a write is made through: a kind's objects or, of them, a subresource. */
export type Place = { readonly kind: Kind; readonly subresource: string; readonly scope: Scope }

/** Without what a write in this place does not reach: the status, or all but the status and what its kind lets change with it, or all but a part. */
export function reachable(set: FieldSet, { kind, scope }: Place): FieldSet {
  const part = partIn(scope)
  if (part !== undefined) return part.paths.reduce((all, path) => union(all, under(set, path)), empty)
  const { 'f:status': status, 'f:metadata': metadata } = set
  if (scope === 'status') {
    const kept = (kind.subresources?.statusKeeps ?? []).reduce<FieldSet>((all, field) => union(all, pathSet([`f:${field}`])), empty)
    const own = metadata === undefined ? empty : difference(metadata, kept)
    return { ...(!isEmpty(own) && { 'f:metadata': own }), ...(status !== undefined && { 'f:status': status }) }
  }
  if (status === undefined || !isApart(kind, scope)) return set
  const { 'f:status': _, ...rest } = set
  return rest
}

/** The part of an object that a write in this place reaches. */
export function reachablePart(object: object, { kind, scope }: Place): object {
  const { status, ...rest } = object as { readonly metadata?: unknown; readonly status?: unknown }
  if (scope === 'status') return { metadata: rest.metadata, status }
  return status === undefined || !isApart(kind, scope) ? object : rest
}

const isApart = (kind: Kind, scope: Scope): boolean => scope === 'main' && kind.subresources?.status === true

/** The same without what is nobody's. */
export function ownablePart({ apiVersion: _apiVersion, kind: _kind, metadata, ...rest }: KubeObject, place: Place): object {
  const { name: _name, namespace: _namespace, uid: _uid, creationTimestamp: _time, generation: _generation, ...own } = metadata
  return { ...reachablePart(rest, place), metadata: own }
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
