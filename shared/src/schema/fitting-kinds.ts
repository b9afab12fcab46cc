import { apiVersionOf, type Kind } from './kind.ts'
import { conversionOf, storageOf } from './storage.ts'

/** Throws if a kind cannot be served beside the others: names are taken, or it is another version of one of them and does not fit it. */
export function checkFits(kind: Kind, others: readonly Kind[]): void {
  const name = `${apiVersionOf(kind)} ${kind.resource}`
  const storage = storageOf(kind)
  if (conversionOf(storage, kind.version) === undefined)
    throw new Error(`${name} is stored as ${storage.version} and nothing tells how ${kind.version} becomes that`)
  if (kind.version !== storage.version && kind.indexedFields !== undefined)
    throw new Error(`${name} has indexed fields: what is found by an index is read as it is stored, in ${storage.version}`)
  for (const other of others) {
    if (other.group !== kind.group || (other.resource !== kind.resource && other.kind !== kind.kind)) continue
    if (other.version === kind.version) throw new Error(`${apiVersionOf(kind)} has ${other.resource} (${other.kind}) already`)
    const differing = alike.find((part) => other[part] !== kind[part])
    if (kind.storage === undefined || other.storage !== kind.storage)
      throw new Error(`${name} and its version ${other.version} must tell in which of them objects are stored`)
    if (differing !== undefined) throw new Error(`${name} and its version ${other.version} differ in ${differing}`)
  }
}

/** What objects have in all versions, because there is one of each in the store. */
const alike = ['resource', 'kind', 'namespaced', 'durability', 'encrypted', 'ttlMs', 'kept'] as const
