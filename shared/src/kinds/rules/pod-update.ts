import { isSameJson } from '../../json/same-json.ts'
import { type FieldError, fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { Toleration } from '../../types/taint.ts'

/** A pod is what it was bound as: only images, the deadline (shorter), the tolerations (more) and the gates (fewer) may change. Only a binding places it. */
export function validatePodSpecUpdate(next: PodSpec, previous: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  const { containers, initContainers = [] } = next
  if (containers.length !== previous.containers.length)
    return [fieldForbidden('spec.containers', 'pod updates may not add or remove containers')]
  if (initContainers.length !== (previous.initContainers ?? []).length)
    return [fieldForbidden('spec.initContainers', 'pod updates may not add or remove containers')]
  errors.push(...validateDeadline(next.activeDeadlineSeconds, previous.activeDeadlineSeconds))
  errors.push(...validateAddedTolerations(next.tolerations ?? [], previous.tolerations ?? []))
  const gates = new Set((previous.schedulingGates ?? []).map(({ name }) => name))
  for (const { name } of next.schedulingGates ?? [])
    if (!gates.has(name)) errors.push(fieldInvalid('spec.schedulingGates', name, 'only deletion is allowed'))
  if (!isSameJson(withoutMutable(next, previous), withoutMutable(previous, previous)))
    errors.push(
      fieldForbidden(
        'spec',
        'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
      ),
    )
  return errors
}

function validateDeadline(next: number | undefined, previous: number | undefined): FieldError[] {
  const field = 'spec.activeDeadlineSeconds'
  if (previous === undefined || next === previous) return []
  if (next === undefined) return [fieldInvalid(field, null, 'must not update from a positive integer to nil value')]
  return next > previous ? [fieldInvalid(field, next, 'must be less than or equal to previous value')] : []
}

/** What a pod tolerated it still tolerates; only for how long may change. */
function validateAddedTolerations(next: readonly Toleration[], previous: readonly Toleration[]): FieldError[] {
  // There may be thousands of either, so each is looked at once.
  const whatOf = ({ key, operator, value, effect }: Toleration) => JSON.stringify([key, operator, value, effect])
  const kept = new Set(next.map(whatOf))
  return previous.every((toleration) => kept.has(whatOf(toleration)))
    ? []
    : [fieldForbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

function withoutMutable(next: PodSpec, previous: PodSpec): PodSpec {
  const copy = { ...next }
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'] as const)
    if (previous[field] === undefined) delete copy[field]
    else Object.assign(copy, { [field]: previous[field] })
  copy.containers = withImagesOf(next.containers, previous.containers)
  if (next.initContainers !== undefined) copy.initContainers = withImagesOf(next.initContainers, previous.initContainers ?? [])
  return copy
}

const withImagesOf = (next: readonly Container[], previous: readonly Container[]): Container[] =>
  next.map((container, i) => ({ ...container, image: previous[i]?.image }))
