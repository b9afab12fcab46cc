import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { mirrorAnnotation } from '@bramble/shared/kinds/rules/pod-annotations.ts'

/** Says where a pod comes from that is not the API's. */
export const sourceAnnotation = 'kubernetes.io/config.source'

/**
 * A pod that was born on this node, of a manifest in its folder. The API shows it by a mirror, another object with another uid. What comes
 * from the API has a resourceVersion, whatever its annotations say.
 */
export const isStatic = ({ metadata: { annotations, resourceVersion } }: Pod): boolean =>
  annotations?.[sourceAnnotation] === 'file' && resourceVersion === undefined

/** The uid of the pod for which this object stands in the API; undefined of a pod that stands for itself. */
export const mirroredUid = ({ metadata: { annotations } }: Pod): string | undefined => annotations?.[mirrorAnnotation]

/**
 * The mirrors among these pods, by the uid of the pod for which each stands: a static pod of the same name. Whoever may make pods may write any uid into
 * their annotations; of such a pod nothing is taken, and to it nothing is told.
 */
export function mirrorsOf(pods: readonly Pod[]): ReadonlyMap<string, Pod> {
  const born = new Map(pods.filter(isStatic).map((pod) => [keyTextOf(pod), pod.metadata.uid]))
  return new Map(
    pods.flatMap((pod) => {
      const uid = mirroredUid(pod)
      return uid !== undefined && born.get(keyTextOf(pod)) === uid ? [[uid, pod] as const] : []
    }),
  )
}

/** The uid by which a pod runs here that the hub knows by that one: the same, but for one that it knows by its mirror. */
export function uidHere(pods: readonly Pod[], uid: string): string {
  for (const [own, mirror] of mirrorsOf(pods)) if (mirror.metadata.uid === uid) return own
  return uid
}
