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
