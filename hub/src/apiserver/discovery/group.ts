/** What discovery tells of one group, with its versions as clients are to prefer them. */
export type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string }
export type ServedSubresource = { readonly name: string; readonly responseKind: GroupVersionKind; readonly verbs: readonly string[] }
export type ServedResource = GroupVersionKind & {
  readonly resource: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  /** Another one when objects are stored otherwise: who rewrites them all waits for it. None of what is not stored. */
  readonly storageVersionHash?: string | undefined
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly ServedSubresource[]
}
/** `isStale`: its server does not answer now. */
export type ServedVersion = { readonly version: string; readonly resources: readonly ServedResource[]; readonly isStale?: boolean }
export type Group = { readonly name: string; readonly versions: readonly ServedVersion[] }
