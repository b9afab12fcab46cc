import type { KubeObject } from '@bramble/shared/api/client.ts'
import { type PersistentVolumeClaim, persistentVolumeClaims } from '@bramble/shared/kinds/persistent-volume-claim.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '@bramble/shared/kinds/resource-quota.ts'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'

/** Whether all scopes of the quota hold for the object; what no scope is about is in none. */
export function isInScopes({ spec = {} }: ResourceQuota, kind: Kind, object: KubeObject): boolean {
  const all = [
    ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ]
  return all.every((scope) => {
    if (kind === pods) return isPodIn(scope, object as Pod) // of that kind, as below
    return (
      kind === persistentVolumeClaims && scope.scopeName === 'VolumeAttributesClass' && isClaimIn(scope, object as PersistentVolumeClaim)
    )
  })
}

function isPodIn(scope: ScopedResourceSelectorRequirement, { spec }: Pod): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return hasDeadline(spec)
    case 'NotTerminating':
      return !hasDeadline(spec)
    case 'BestEffort':
      return qosOf(spec) === 'BestEffort'
    case 'NotBestEffort':
      return qosOf(spec) !== 'BestEffort'
    case 'PriorityClass':
      return isPicked(scope, (spec.priorityClassName ?? '') === '' ? [] : [spec.priorityClassName ?? ''])
    case 'CrossNamespacePodAffinity':
      return looksElsewhere(spec)
    default:
      return false
  }
}

const hasDeadline = ({ activeDeadlineSeconds }: Pod['spec']) => activeDeadlineSeconds !== undefined && Number(activeDeadlineSeconds) >= 0

/** The class that it has, that it is to have, and that it is on its way to: all of them take from what there is. */
const isClaimIn = (scope: ScopedResourceSelectorRequirement, { spec, status }: PersistentVolumeClaim): boolean =>
  isPicked(
    scope,
    [
      spec.volumeAttributesClassName,
      status?.currentVolumeAttributesClassName,
      status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
    ].filter((name) => name !== undefined && name !== ''),
  )

/** As a selector of labels: what has no name is in no list, and outside of every one. */
function isPicked({ operator, values = [] }: ScopedResourceSelectorRequirement, names: readonly (string | undefined)[]): boolean {
  switch (operator) {
    case 'In':
      return names.some((name) => name !== undefined && values.includes(name))
    case 'NotIn':
      return names.every((name) => name === undefined || !values.includes(name))
    case 'DoesNotExist':
      return names.length === 0
    default:
      return names.length > 0
  }
}

function looksElsewhere({ affinity }: Pod['spec']): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((one) => [
    ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
  return terms.some(({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined)
}
