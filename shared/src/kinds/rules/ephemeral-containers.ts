import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import type { EphemeralContainer } from '../../types/ephemeral-container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { validateAnyContainer } from './containers.ts'
import { fieldNotFound } from './field-errors.ts'
import { mirrorAnnotation } from './pod-annotations.ts'
import type { PodLike } from './unserved.ts'

/** Containers with which somebody looks into a running pod. */
export function validateEphemeralContainers(spec: PodSpec, field: string): FieldError[] {
  const { ephemeralContainers = [], containers, initContainers = [] } = spec
  const lasting = new Set([...containers, ...initContainers].map(({ name }) => name))
  const names = new Set(lasting)
  return ephemeralContainers.flatMap((container, i) => {
    const at = `${field}[${i}]`
    const { name, image = '', targetContainerName = '', volumeMounts = [] } = container
    const isTaken = names.has(name)
    names.add(name)
    return [
      ...validateAnyContainer(container, at, spec),
      ...(image === image.trim() ? [] : [fieldInvalid(`${at}.image`, image, 'must not have leading or trailing whitespace')]),
      ...(isTaken ? [fieldDuplicate(`${at}.name`, name)] : []),
      ...(targetContainerName === '' || lasting.has(targetContainerName)
        ? []
        : [fieldNotFound(`${at}.targetContainerName`, targetContainerName)]),
      ...neverSet.filter((member) => isSet(container[member])).map((member) => fieldForbidden(`${at}.${member}`, cannotBeSet)),
      ...volumeMounts.flatMap((mount, m) =>
        (['subPath', 'subPathExpr'] as const)
          .filter((member) => isSet(mount[member]))
          .map((member) => fieldForbidden(`${at}.volumeMounts[${m}].${member}`, cannotBeSet)),
      ),
    ]
  })
}

const cannotBeSet = 'cannot be set for an Ephemeral Container'

/** What a pod relies on is none of theirs. */
const neverSet = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const satisfies readonly (keyof EphemeralContainer)[]

const isSet = (value: string | object | undefined): boolean =>
  value !== undefined && value !== '' && (typeof value === 'string' || Object.keys(value).length > 0)

export const isMirror = ({ metadata }: PodLike): boolean => metadata?.annotations?.[mirrorAnnotation] !== undefined

/** Who once looked into a pod stays told of: more may come, none is changed and none goes. */
export function validateEphemeralContainersUpdate({ spec }: PodLike, previous: PodLike): FieldError[] {
  if (isMirror(previous)) return [fieldForbidden('', 'static pods do not support ephemeral containers')]
  const field = 'spec.ephemeralContainers'
  const next = new Map((spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
  return (previous.spec.ephemeralContainers ?? []).flatMap((container) => {
    const name = JSON.stringify(container.name)
    const found = next.get(container.name)
    if (found === undefined) return [fieldForbidden(field, `existing ephemeral containers ${name} may not be removed\n`)]
    return isSameJson(found, container)
      ? []
      : [fieldForbidden(field, `existing ephemeral containers ${name} may not be changed\n${changesOf(container, found)}`)]
  })
}

/** The members that differ, as they were and as they would be. */
const changesOf = (before: EphemeralContainer, after: EphemeralContainer): string =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((member) => member as keyof EphemeralContainer) // keys of it
    .filter((member) => !isSameJson(before[member], after[member]))
    .map((member) => `${member}: ${JSON.stringify(before[member])} -> ${JSON.stringify(after[member])}`)
    .join('\n')
