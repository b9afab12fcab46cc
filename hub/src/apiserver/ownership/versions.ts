import type { KubeObject } from '@bramble/shared/api/client.ts'
import { apiVersionOf, type Kind } from '@bramble/shared/schema/kind.ts'
import { conversionOf, storageGroupOf, storageOf } from '@bramble/shared/schema/storage.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { KindIndex } from '../discovery/kind-index.ts'
import { convertedBy } from '../objects/stored/conversion.ts'
import { type Comparison, compare } from './compare.ts'
import { asTypedToday } from './by-type.ts'
import type { Conversions } from './converting.ts'
import { type FieldSet } from './field-set.ts'
import { type Place, reachable, reachablePart } from './ownable.ts'
import { partIn } from '../verbs/scope.ts'

/** Owners name fields in the versions that they write; what happens to an object is looked at in each of those. */
export type Versions = {
  /** Undefined: the version is not served any more. */
  nodeOf(apiVersion: string): TypeNode | undefined
  /** An object of the request's version in another one, or back. Throws `NotYetConverted`. */
  convert(object: object, from: string, to: string): object
  /** The fields of an owner as they are named today. */
  today(apiVersion: string, fields: FieldSet): FieldSet
}

export type VersionsDeps = { readonly kinds: Pick<KindIndex, 'byKind'>; readonly conversions: Conversions }

export function createVersions(kind: Kind, { kinds, conversions }: VersionsDeps): Versions {
  const own = apiVersionOf(kind)
  const kindOf = (apiVersion: string): Kind | undefined => {
    if (apiVersion === own) return kind
    const other = kinds.byKind(apiVersion, kind.kind)
    return other?.resource === kind.resource && storageGroupOf(other) === storageGroupOf(kind) ? other : undefined
  }
  return {
    nodeOf: (apiVersion) => kindOf(apiVersion)?.node,
    convert(object, from, to) {
      const [one, other] = [kindOf(from), kindOf(to)]
      if (from === to || one === undefined || other === undefined) return object
      const storage = storageOf(kind)
      if (storage.elsewhere !== undefined) return conversions.convert(storage.elsewhere, object as KubeObject, to) // it has a kind and metadata
      const stored = convertedBy(kind, storage, conversionOf(storage, one)?.toStored)(object as KubeObject)
      return convertedBy(kind, other, conversionOf(storage, other)?.fromStored)(stored)
    },
    today: (apiVersion, fields) => asTypedToday(kindOf(apiVersion)?.node, fields),
  }
}

export type Step = { readonly before: object | undefined; readonly after: object; readonly apiVersion: string; readonly place: Place }

/** What a write changes, in whatever version is asked for; undefined in one that is not served any more. */
export function comparisons(
  versions: Versions,
  { before, after, apiVersion, place }: Step,
): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison>()
  return (wanted) => {
    const node = versions.nodeOf(wanted)
    if (node === undefined) return undefined
    let found = known.get(wanted)
    if (found === undefined) {
      const inIt = (object: object | undefined) =>
        object === undefined ? undefined : reachablePart(versions.convert(object, apiVersion, wanted), place)
      found = withinPart(compare(node, inIt(before), inIt(after)), place)
      known.set(wanted, found)
    }
    return found
  }
}

/** Of a part of the spec the object does not tell by itself what belongs to it. */
function withinPart(found: Comparison, place: Place): Comparison {
  if (partIn(place.scope) === undefined) return found
  const { added, modified, removed } = found
  return { added: reachable(added, place), modified: reachable(modified, place), removed: reachable(removed, place) }
}
