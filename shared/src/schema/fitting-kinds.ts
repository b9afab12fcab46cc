import { isSameJson } from '../json/same-json.ts'
import { apiVersionOf, type Kind, listKindOf } from './kind.ts'
import { checkNames } from './kind-names.ts'
import { conversionOf, isStoredVersion, storageGroupOf, storageOf } from './storage.ts'

/** Throws if a kind cannot be served beside the others: names are taken, or it is another version of one of them and does not fit it. */
export function checkFits(kind: Kind, others: readonly Kind[]): void {
  checkNames(kind)
  const name = `${apiVersionOf(kind)} ${kind.resource}`
  const storage = storageOf(kind)
  if (conversionOf(storage, kind) === undefined)
    throw new Error(`${name} is stored as ${storage.version} and nothing tells how ${kind.version} becomes that`)
  if (!isStoredVersion(storage, kind) && kind.indexedFields !== undefined)
    throw new Error(`${name} has indexed fields: what is found by an index is read as it is stored, in ${storage.version}`)
  for (const other of others) {
    if (isListOf(kind, other) || isListOf(other, kind))
      throw new Error(`${name} and ${other.resource}: one kind is named as lists of the other`)
    const isOfGroup = other.group === kind.group && (other.resource === kind.resource || other.kind === kind.kind)
    const isOfPlace = storageGroupOf(other) === storageGroupOf(kind) && other.resource === kind.resource
    if (!isOfGroup && !isOfPlace) continue
    if (isOfGroup && other.version === kind.version) throw new Error(`${apiVersionOf(kind)} has ${other.resource} (${other.kind}) already`)
    const differing = alike.find((part) => other[part] !== kind[part])
    if (kind.storage === undefined || other.storage !== kind.storage)
      throw new Error(`${name} and its version ${other.version} must tell in which of them objects are stored`)
    if (differing !== undefined) throw new Error(`${name} and its version ${other.version} differ in ${differing}`)
  }
}

/** What answers with a list of the other's objects call themselves. */
const isListOf = (kind: Kind, other: Kind): boolean => kind.group === other.group && kind.kind === listKindOf(other)

/**
 * Throws if a kind that comes while the hub runs wants of its resource what the store settled when it was opened: whether it is written, and by
 * which fields it is found. What was stored before would be lost, or found by nothing.
 */
export function checkComesLate(kind: Kind, first: readonly Kind[]): void {
  const opened = first.filter(({ group, resource }) => group === kind.group && resource === kind.resource)
  const isOpened = ({ durability, indexedFields }: Pick<Kind, 'durability' | 'indexedFields'>) =>
    (durability ?? 'disk') === (kind.durability ?? 'disk') &&
    (kind.indexedFields === undefined || isSameJson(indexedFields, kind.indexedFields))
  if (opened.length > 0 ? opened.some(isOpened) : isOpened({})) return
  throw new Error(
    `${apiVersionOf(kind)} ${kind.resource} comes while the hub runs: whether it is in memory only and what is indexed is settled before`,
  )
}

/** What objects have in all versions, because there is one of each in the store. */
const alike = ['resource', 'kind', 'namespaced', 'durability', 'encrypted', 'ttlMs', 'kept'] as const
