import type { Resource } from '@bramble/shared/api/client.ts'

/** A group and version that another server answers for, and what it told of it last. */
export type OtherGroup = {
  readonly group: string
  readonly version: string
  readonly versionPriority: number
  readonly isAvailable: boolean
  /** It has told what it serves. */
  readonly isRead: boolean
  readonly resources: readonly {
    readonly name: string
    readonly kind?: string | undefined
    readonly namespaced?: boolean | undefined
    readonly verbs?: readonly string[] | null | undefined
  }[]
}

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
      if (!namespaced || name.includes('/') || verbs?.includes('delete') !== true || byName.has(known)) continue
      byName.set(known, { group, version, resource: name, kind, namespaced, verbs })
    }
  }
  return { resources: [...byName.values()], unknown }
}
