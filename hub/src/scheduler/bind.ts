import type { Client } from '@bramble/shared/api/client.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'

/** A bind that takes longer than this is tried again; the API refuses a second node for a pod that was bound after all. */
const bindTimeoutMs = 10_000

/** Places a pod on a node through the API, for this very pod (its uid) and no later one of its name. */
export async function bind(client: Client, { metadata }: Pod, node: string, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid } = metadata
  const body = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  }
  await client.createSub(pods, { name, ...(namespace === undefined ? {} : { namespace }) }, 'binding', body, {
    signal,
    timeoutMs: bindTimeoutMs,
  })
}
