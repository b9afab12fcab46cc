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

/** The mirrors among these pods, by the uid of the pod for which each stands. */
export const mirrorsOf = (pods: readonly Pod[]): ReadonlyMap<string, Pod> =>
  new Map(
    pods.flatMap((pod) => {
      const uid = mirroredUid(pod)
      return uid === undefined ? [] : [[uid, pod] as const]
    }),
  )
