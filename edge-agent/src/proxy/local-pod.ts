export type Protocol = 'TCP' | 'UDP' | 'SCTP'

/** A pod of this node as the node itself sees it, which is newer than what any slice says while the hub is away. */
export type LocalPod = {
  readonly uid: string
  readonly ip?: string
  readonly ready: boolean
  /** It is being deleted: gets new connections only when nobody else is there, sooner than a slice can say so. */
  readonly terminating?: boolean
  readonly hostPorts: readonly {
    readonly protocol: Protocol
    readonly hostPort: number
    readonly containerPort: number
    readonly hostIP?: string
  }[]
}
