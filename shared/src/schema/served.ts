import { newestFirst } from './api-version.ts'
import type { Kind } from './kind.ts'
import { storageOf } from './storage.ts'

/**
 * Each resource once, for whom an object is the same in all versions: in the one that is stored, which no conversion can keep from being read, or
 * where that is not served in the newest.
 */
export function eachResourceOnce(kinds: readonly Kind[]): readonly Kind[] {
  const chosen = new Map<string, Kind>()
  for (const kind of kinds) {
    const key = `${kind.group}/${kind.resource}`
    const other = chosen.get(key)
    if (other === undefined || isBetter(kind, other)) chosen.set(key, kind)
  }
  return [...chosen.values()]
}

function isBetter(kind: Kind, other: Kind): boolean {
  const isStored = ({ version, storage }: Kind) => storageOf({ version, storage }).version === version
  if (isStored(kind) !== isStored(other)) return isStored(kind)
  return newestFirst(kind.version, other.version) < 0
}
