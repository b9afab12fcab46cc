import { newestFirst } from './api-version.ts'
import type { Kind } from './kind.ts'
import { isStoredVersion, storageGroupOf, storageOf } from './storage.ts'

/**
 * Each resource once, for whom an object is the same in all versions and groups: in the one that is stored, which no conversion can keep from
 * being read, or where that is not served in the newest, of its own group before others.
 */
export function eachResourceOnce(kinds: readonly Kind[]): readonly Kind[] {
  const chosen = new Map<string, Kind>()
  for (const kind of kinds) {
    const place = `${storageGroupOf(kind)}/${kind.resource}`
    const other = chosen.get(place)
    if (other === undefined || isBetter(kind, other)) chosen.set(place, kind)
  }
  return [...chosen.values()]
}

function isBetter(kind: Kind, other: Kind): boolean {
  const isStored = (of: Kind) => isStoredVersion(storageOf(of), of)
  const isHome = (of: Kind) => of.group === storageGroupOf(of)
  if (isStored(kind) !== isStored(other)) return isStored(kind)
  if (isHome(kind) !== isHome(other)) return isHome(kind)
  return newestFirst(kind.version, other.version) < 0
}
