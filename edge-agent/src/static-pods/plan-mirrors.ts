import type { ObjectKey } from '@bramble/shared/api/client.ts'
import { keyOf, keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { isStatic, mirroredUid } from '../mirrors.ts'
import { mirrorOf } from './static-pod.ts'

export type MirrorStep =
  | { readonly kind: 'create'; readonly mirror: Pod }
  | { readonly kind: 'delete'; readonly key: ObjectKey; readonly uid: string }

/**
 * What to do so that the API shows each static pod by a mirror, and nothing else by one. A mirror that somebody deletes is let go and made
 * anew, and so is one of a manifest that has changed; neither says anything to the pod itself. Pure.
 */
export function planMirrors(pods: readonly Pod[], node: { readonly name: string; readonly uid: string }): readonly MirrorStep[] {
  const born = new Map(pods.filter(isStatic).map((pod) => [keyTextOf(pod), pod]))
  const shown = new Set<string>()
  const steps: MirrorStep[] = []
  for (const pod of pods) {
    const mirrored = mirroredUid(pod)
    if (mirrored === undefined || pod.spec.nodeName !== node.name) continue
    const { uid = '', deletionTimestamp } = pod.metadata
    shown.add(keyTextOf(pod))
    if (deletionTimestamp !== undefined || born.get(keyTextOf(pod))?.metadata.uid !== mirrored)
      steps.push({ kind: 'delete', key: keyOf(pod), uid })
  }
  for (const [key, pod] of born) if (!shown.has(key)) steps.push({ kind: 'create', mirror: mirrorOf(pod, node) })
  return steps
}
