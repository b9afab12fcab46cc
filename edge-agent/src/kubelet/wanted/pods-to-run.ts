import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import { isStatic, mirroredUid, mirrorsOf } from '../../mirrors.ts'

/**
 * The pods that this node is to run, by uid. A mirror runs nothing, whatever is done to it in the API: what is known of the state of the
 * pod that it stands for is all that is taken of it, and not that it has ended, which only its containers say. The same objects as long as
 * nothing changes.
 */
export function createPodsToRun(node: string): (all: readonly Pod[]) => ReadonlyMap<string, Pod> {
  const merged = new WeakMap<Pod, { readonly mirror: Pod; readonly pod: Pod }>()
  const withStateOf = (pod: Pod, mirror: Pod): Pod => {
    const known = merged.get(pod)
    if (known?.mirror === mirror) return known.pod
    const { status: _, ...born } = pod
    const both = { ...born, ...(mirror.status && !hasEnded(mirror) && { status: mirror.status }) }
    merged.set(pod, { mirror, pod: both })
    return both
  }
  return (all) => {
    const mirrors = mirrorsOf(all)
    return new Map(
      all.flatMap((pod) => {
        const { uid } = pod.metadata
        if (pod.spec.nodeName !== node || uid === undefined || mirroredUid(pod) !== undefined) return []
        const mirror = isStatic(pod) ? mirrors.get(uid) : undefined
        return [[uid, mirror === undefined ? pod : withStateOf(pod, mirror)] as const]
      }),
    )
  }
}
