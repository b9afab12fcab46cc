import type { Group, ServedResource, ServedVersion } from './group.ts'
import type { RemoteGroup } from '../aggregation/remote-groups.ts'

/**
 * The groups of the hub and after them those of others, which clients prefer by their priorities. What the hub stores is the hub's, also
 * when an APIService gives it to somebody else.
 */
export function withRemote(own: readonly Group[], remote: readonly RemoteGroup[]): readonly Group[] {
  const groups = new Map(own.map((group) => [group.name, group]))
  const sorted = remote.toSorted(
    (a, b) =>
      b.groupPriority - a.groupPriority ||
      compared(a.group, b.group) ||
      b.versionPriority - a.versionPriority ||
      compared(a.version, b.version),
  )
  for (const each of sorted) {
    const { name, versions } = groups.get(each.group) ?? { name: each.group, versions: [] }
    if (versions.some(({ version }) => version === each.version)) continue
    groups.set(name, { name, versions: [...versions, servedOf(each)] })
  }
  return [...groups.values()]
}

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function servedOf({ group, version, isAvailable, resources }: RemoteGroup): ServedVersion {
  const served = resources
    .filter(({ name }) => !name.includes('/'))
    .map(
      ({
        name,
        singularName = '',
        namespaced = false,
        kind = '',
        shortNames = [],
        categories = [],
        verbs,
        storageVersionHash,
        ...from
      }): ServedResource => ({
        ...{ group: from.group ?? group, version: from.version ?? version, kind, resource: name, singular: singularName, namespaced },
        ...{ verbs: verbs ?? [], shortNames, categories, storageVersionHash },
        subresources: resources
          .filter((part) => part.name.startsWith(`${name}/`))
          .map((part) => ({
            name: part.name.slice(name.length + 1),
            responseKind: { group: part.group ?? group, version: part.version ?? version, kind: part.kind ?? '' },
            verbs: part.verbs ?? [],
          })),
      }),
    )
  return { version, resources: served, isStale: !isAvailable }
}
