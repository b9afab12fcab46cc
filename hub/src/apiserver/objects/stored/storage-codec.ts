import type { KubeObject } from '@bramble/shared/api/client.ts'
import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { conversionOf, isStoredVersion, sameShape, storageOf, versionsOf } from '@bramble/shared/schema/storage.ts'
import { asGiven } from '../../bodies/as-given.ts'
import { asParsed } from './as-parsed.ts'
import { type Convert, ConversionFailed, convertedBy } from './conversion.ts'
import { endOfOwners, headOf, ownersIn, ownersPart, readHead } from './stored-head.ts'

/**
 * How one version of a resource is written to the store and read from it: JSON that starts with a head of kind, version and schema, and
 * has no resourceVersion. The revision of the entry is the resourceVersion. What is stored as it is served is read as text, without
 * parsing anything; what lies there in another version, or under another schema, is converted on its way out and written in the current
 * one with its next write.
 */
export type StorageCodec = {
  /** `owners`: of its fields, as `ownership/owners.ts` writes them. */
  encode(object: KubeObject, owners: string | undefined): string
  ownersOf(text: string): string | undefined
  /** Whether nothing would be written differently but what is in the object. */
  isCurrent(text: string): boolean
  /** Whether this hub knows the version that it is stored in. */
  isKnown(text: string): boolean
  /** Whether `partsOf` answers with a text. Throws `Unreadable`, as that does. */
  isText(text: string): boolean
  /** The JSON that a reader gets; undefined where it takes `objectOf` to tell. Throws `Unreadable`, as that does. */
  partsOf(text: string, revision: number): TextParts | undefined
  /** The same without the owners of its fields. */
  barePartsOf(text: string, revision: number): TextParts | undefined
  /** What `objectOf` would read of what was just encoded, made of that; undefined where it takes the text. The object is its from now on. */
  asRead(object: KubeObject, revision: number): KubeObject | undefined
  /** What a reader gets, new on each call, without the owners of its fields: they are more than the rest of many, and for few. */
  objectOf(text: string, revision: number): KubeObject
  /** What is stored, for somebody else to convert; undefined if nobody has to, or nobody could. */
  toConvert(text: string): KubeObject | undefined
  /** As if an object, which the stored one has become in this version, had been stored. Throws `Unreadable` for what is none of this kind. */
  asConverted(text: string, object: KubeObject): string
}

/** One text: who only copies it out need not put it together, and the longer part is the stored text itself. */
export type TextParts = readonly [head: string, rest: string]

/** What no hub wrote as this kind, or one that knew more versions of it. */
export class Unreadable extends Error {}

export function storageCodec(kind: Kind): StorageCodec {
  const storage = storageOf(kind)
  const isStored = isStoredVersion(storage, kind)
  const apiVersion = apiVersionOf(storage)
  // What comes in through another version is not held to the schema of the one that is stored.
  const current = headOf({ kind: kind.kind, apiVersion, schemaId: isStored ? kind.schemaId : undefined })
  const toStored = convertedBy(kind, storage, conversionOf(storage, kind)?.toStored)
  const currentWay: Way | undefined = isStored ? wayFrom(kind, current) : undefined

  // By the head: all objects that were written in one version under one schema are read in one way.
  const ways = new Map<string, Way>()
  const wayOf = (text: string): Way => {
    if (currentWay !== undefined && text.startsWith(current)) return currentWay
    const head = readHead(text)?.text
    if (head === undefined) throw new Unreadable(`what is stored is no ${kind.kind} that this hub can read`)
    let way = ways.get(head)
    if (way === undefined) ways.set(head, (way = wayFrom(kind, head)))
    return way
  }
  const withRevision = (text: string, { to }: Way, revision: number, from: number): TextParts => [
    `${to}"resourceVersion":"${revision}",`,
    text.slice(from),
  ]

  const ownersOf = (text: string): string | undefined => {
    const from = wayOf(text).from.length
    const end = endOfOwners(text, from)
    return end === from ? undefined : ownersIn(text, from, end)
  }

  return {
    encode: (object, owners) => writtenUnder(current, toStored(object), owners),
    ownersOf,
    isCurrent: (text) => text.startsWith(current) || (!isStored && readHead(text)?.head.apiVersion === apiVersion),
    isKnown(text) {
      try {
        wayOf(text)
        return true
      } catch {
        return false
      }
    },
    isText: (text) => wayOf(text).convert === undefined,
    partsOf(text, revision) {
      const way = wayOf(text)
      return way.convert === undefined ? withRevision(text, way, revision, way.from.length) : undefined
    },
    barePartsOf(text, revision) {
      const way = wayOf(text)
      return way.convert === undefined ? withRevision(text, way, revision, endOfOwners(text, way.from.length)) : undefined
    },
    asRead(object, revision) {
      if (!isStored) return undefined
      const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object
      const { resourceVersion: _revision, managedFields: _owners, ...stored } = metadata
      return asParsed({ kind: kind.kind, apiVersion, metadata: { resourceVersion: String(revision), ...stored }, ...rest })
    },
    objectOf(text, revision) {
      const way = wayOf(text)
      const [head, rest] = withRevision(text, way, revision, endOfOwners(text, way.from.length))
      const object = parseExactJson(head + rest) as KubeObject // it was checked when it was written
      return way.convert?.(object) ?? object
    },
    toConvert(text) {
      try {
        const { isElsewhere = false, from, to } = wayOf(text)
        if (!isElsewhere) return undefined
        return parseExactJson(`${to}${text.slice(endOfOwners(text, from.length))}`) as KubeObject // it was checked when it was written
      } catch {
        return undefined
      }
    },
    asConverted(text, object) {
      const own = headOf({ kind: kind.kind, apiVersion: apiVersionOf(kind), schemaId: kind.schemaId })
      return writtenUnder(own, asReadToday(kind, object), ownersOf(text))
    },
  }
}

function writtenUnder(head: string, object: KubeObject, owners: string | undefined): string {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object
  const { resourceVersion: _revision, managedFields: _owners, ...stored } = metadata
  const [inner, outer] = [exactJson(stored), exactJson(rest)]
  // Not as one object: names that look like numbers come before all others in any that JavaScript has.
  return `${head}${ownersPart(owners)}${inner.slice(1)}${outer === '{}' ? '}' : `,${outer.slice(1)}`}`
}

/** `to` takes the place of the head; without `convert` that is all. `isElsewhere`: somebody else has to convert it first. */
type Way = { readonly from: string; readonly to: string; readonly convert?: Convert; readonly isElsewhere?: boolean }

function wayFrom(kind: Kind, from: string): Way {
  const head = readHead(from)?.head
  const storage = storageOf(kind)
  const versions = versionsOf(storage)
  const version = versions.find((each) => apiVersionOf(each) === head?.apiVersion)
  const [given, wanted] = [version === undefined ? undefined : conversionOf(storage, version), conversionOf(storage, kind)]
  if (head === undefined || head.kind !== kind.kind || version === undefined || given === undefined || wanted === undefined) {
    const known = versions.map((each) => (each.group === kind.group ? each.version : apiVersionOf(each))).join(', ')
    throw new Unreadable(`it is stored as ${head?.kind} in ${head?.apiVersion}, and this hub knows ${kind.kind} in ${known}`)
  }
  const to = headOf({ kind: kind.kind, apiVersion: apiVersionOf(kind), schemaId: undefined })
  const isOfVersion = head.apiVersion === apiVersionOf(kind)
  const isOfSchema = kind.schemaId === undefined || (isOfVersion && head.schemaId === kind.schemaId)
  if (isOfSchema && (isOfVersion || (given === sameShape && wanted === sameShape))) return { from, to }
  if (isOfVersion) return { from, to, convert: (object) => asReadToday(kind, object) }
  if (storage.elsewhere !== undefined)
    return { from, to: headOf({ ...head, schemaId: undefined }), convert: notConverted, isElsewhere: true }
  const toHub = convertedBy(kind, storage, given.toStored)
  const toServed = convertedBy(kind, kind, wanted.fromStored)
  return { from, to: headOf({ ...head, schemaId: undefined }), convert: (object) => asReadToday(kind, toServed(toHub(object))) }
}

const notConverted: Convert = () => {
  throw new ConversionFailed('what its conversion webhook made of it is no object of this version')
}

/** Held to the schema of today, if it is one that changes. */
function asReadToday(kind: Kind, object: KubeObject): KubeObject {
  if (kind.schemaId === undefined) return object
  const parsed = kind.parse(asGiven(kind, object))
  if (!parsed.ok) throw new Unreadable(parsed.error.message)
  return parsed.object
}
