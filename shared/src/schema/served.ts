import { newestFirst } from './api-version.ts'
import type { Kind } from './kind.ts'

/** One resource and the versions it is served in, in the order in which clients are to prefer them. */
export type ServedResource = { readonly group: string; readonly resource: string; readonly versions: readonly [Kind, ...Kind[]] }

export function servedResources(kinds: readonly Kind[]): readonly ServedResource[] {
  const resources = new Map<string, Kind[]>()
  for (const kind of kinds) {
    const key = `${kind.group}/${kind.resource}`
    resources.set(key, [...(resources.get(key) ?? []), kind])
  }
  return [...resources.values()].map((versions) => {
    const [first, ...others] = versions.sort((a, b) => newestFirst(a.version, b.version)) as [Kind, ...Kind[]] // one at least made the entry
    return { group: first.group, resource: first.resource, versions: [first, ...others] }
  })
}

/** Each resource once, in its preferred version: for whom an object is the same in all of them. */
export const preferred = (kinds: readonly Kind[]): readonly Kind[] => servedResources(kinds).map(({ versions }) => versions[0])
