import type { Resource } from '@bramble/shared/api/client.ts'
import type { OtherGroup } from '../other-group.ts'

/** What a resource of a server can be asked. */
export type Content = Resource & { readonly verbs?: readonly string[] }

export type RemoteContent = {
  /** Each in the version that its group prefers. */
  readonly resources: readonly Content[]
  /** Groups and versions that do not answer: what they keep is not known. */
  readonly unknown: readonly string[]
}

/** What other servers keep in namespaces and can be asked to delete. */
export function remoteContent(groups: readonly OtherGroup[]): RemoteContent {
  const byName = new Map<string, Content>()
  const unknown: string[] = []
  for (const { group, version, isAvailable, isRead, resources } of groups.toSorted((a, b) => b.versionPriority - a.versionPriority)) {
    if (!isAvailable || !isRead) {
      unknown.push(`${group}/${version}`)
      continue
    }
    for (const { name, kind = '', namespaced = false, verbs } of resources) {
      const known = `${name}.${group}`
      if (!namespaced || name.includes('/') || !canBeEmptied(verbs) || byName.has(known)) continue
      byName.set(known, { group, version, resource: name, kind, namespaced, verbs })
    }
  }
  return { resources: [...byName.values()], unknown }
}

/** One by one as they are listed, or all at once unseen. */
const canBeEmptied = (verbs: readonly string[] | null | undefined): verbs is readonly string[] =>
  verbs?.includes('delete') === true && (verbs.includes('list') || verbs.includes('deletecollection'))
