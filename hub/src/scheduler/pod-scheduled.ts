import type { Client } from '@bramble/shared/api/client.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'

type NotScheduled = { readonly reason: 'Unschedulable' | 'SchedulingGated' | 'SchedulerError'; readonly message: string }

/** Tells on the pod why it has no node yet. Writes nothing when the pod says so already. */
export async function tellNotScheduled(
  client: Client,
  { metadata, status }: Pod,
  { reason, message }: NotScheduled,
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const seen = status?.conditions?.find(({ type }) => type === 'PodScheduled')
  if (seen?.status === 'False' && seen.reason === reason && seen.message === message) return
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: (seen?.status === 'False' ? seen.lastTransitionTime : undefined) ?? formatTime(new Date(now)),
  }
  const { name, namespace, uid } = metadata
  await client.patch(
    pods,
    { name, ...(namespace === undefined ? {} : { namespace }) },
    { type: 'application/strategic-merge-patch+json', body: { metadata: { uid }, status: { conditions: [condition] } } },
    { subresource: 'status', signal, timeoutMs: 10_000 },
  )
}
