import { keyOf } from '@bramble/shared/api/object-key.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { EmitEvent } from '../kubelet/parts.ts'
import type { Outbox } from '../link/outbox.ts'
import type { PodOutline } from '../link/sync/needed.ts'
import { pods } from '../resources.ts'

type RefuserDeps = { readonly node: string; readonly outbox: Outbox; readonly emitEvent: EmitEvent }

/** Fails a pod that this node cannot even hold, as a kubelet fails one that it does not admit; nothing of it is here. */
export const refuserOf =
  ({ node, outbox, emitEvent }: RefuserDeps) =>
  (pod: PodOutline, why: string): void => {
    const { uid = '', deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined) return outbox.deletePod(keyOf(pod), uid)
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return
    const [reason, message] = ['PodTooLarge', `node ${node} cannot hold this pod: ${why}`]
    emitEvent({ ...pod, spec: {} } as Pod, 'Warning', reason, message) // an event tells who it is about and no more
    outbox.patchStatus(
      pods,
      keyOf(pod),
      { status: { phase: 'Failed', reason, message } },
      { uid, type: 'application/strategic-merge-patch+json' },
    )
  }
