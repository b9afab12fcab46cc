import { type FieldError, fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import { ownValue } from '../../json/own.ts'
import type { PodSpec } from '../../types/pod-spec.ts'

type Annotations = Readonly<Record<string, string>> | undefined

/** Says of a pod that it stands for one which the node has of itself. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'
/** Before the name of a container: the AppArmor profile that it is to have. */
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'
/** Which of its pods a ReplicaSet ends first. */
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'

/** Annotations that somebody acts on say what they can mean. */
export function validatePodAnnotations(annotations: Annotations, { nodeName = '' }: PodSpec, field: string): FieldError[] {
  const mirror = ownValue(annotations, mirrorAnnotation)
  const cost = ownValue(annotations, deletionCost)
  return [
    ...(mirror !== undefined && nodeName === ''
      ? [fieldInvalid(`${field}[${mirrorAnnotation}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...(cost !== undefined && !isInt32(cost) ? [fieldInvalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer')] : []),
  ]
}

/** What decides how a pod runs, and what its node may read for it, is as it was when the pod was let in. */
export function validatePodAnnotationsUpdate(next: Annotations = {}, previous: Annotations = {}): FieldError[] {
  const changed = [...new Set([...Object.keys(previous), ...Object.keys(next)])].filter(
    (key) => ownValue(next, key) !== ownValue(previous, key),
  )
  return changed.flatMap((key) => {
    const what = key === mirrorAnnotation ? 'mirror pod annotation' : key.startsWith(appArmorPrefix) ? 'AppArmor annotations' : undefined
    if (what === undefined) return []
    return [
      fieldForbidden(
        `metadata.annotations[${key}]`,
        `may not ${ownValue(previous, key) === undefined ? 'add' : 'remove or update'} ${what}`,
      ),
    ]
  })
}

/** As Kubernetes reads it: no leading zeros, no plus. */
const isInt32 = (text: string): boolean => /^(?:0|-\d+|[1-9]\d*)$/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31
