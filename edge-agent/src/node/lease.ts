import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import { leases } from '../resources.ts'

// As Kubernetes: a node that has not renewed for so long is taken for lost.
const durationSeconds = 40

export type RenewOptions = {
  readonly client: Client
  readonly node: string
  /** The Node's uid, whose deletion takes the Lease along. */
  readonly nodeUid: string | undefined
  readonly now: number
  readonly signal: AbortSignal
}

/** Says that this node is alive. A patch and not an update, because the hub keeps a note of its own on the Lease. */
export async function renewLease({ client, node, nodeUid, now, signal }: RenewOptions): Promise<void> {
  const key = { namespace: 'kube-node-lease', name: node }
  const renewTime = microTime(now)
  const options = { signal, timeoutMs: 5_000, isLazy: true }
  try {
    await client.patch(leases, key, { type: 'application/merge-patch+json', body: { spec: { holderIdentity: node, renewTime } } }, options)
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        ...key,
        ...(nodeUid !== undefined && { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node, uid: nodeUid }] }),
      },
      spec: { holderIdentity: node, leaseDurationSeconds: durationSeconds, renewTime },
    }
    await client.create(leases, lease, options)
  }
}

/** RFC 3339 with microseconds, as MicroTime is written. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
