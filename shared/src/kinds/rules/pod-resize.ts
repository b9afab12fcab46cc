import { type FieldError, fieldForbidden, fieldInvalid } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import type { Container } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import type { ContainerStatus } from '../../types/container-status.ts'
import type { ResourceRequirements } from '../../types/resources.ts'
import { isMirror } from './ephemeral-containers.ts'
import { qosOf } from './qos.ts'
import type { PodLike } from './unserved.ts'

type Statuses = { readonly [L in 'containerStatuses' | 'initContainerStatuses']?: readonly ContainerStatus[] }
type Resized = PodLike & { readonly status?: Statuses & { readonly qosClass?: string } }

/** What a pod's containers ask for and may take changes within the pod's class; of CPU and memory alone, and nothing is taken away. */
export function validatePodResize({ spec, status }: Resized, previous: Resized): FieldError[] {
  const before = previous.spec
  if (asks(spec.resources) || asks(before.resources)) return [fieldForbidden('', 'pods with pod-level resources cannot be resized')]
  if (isMirror(previous)) return [fieldForbidden('', 'static pods cannot be resized')]
  if (before.os?.name === 'windows') return [fieldForbidden('', 'windows pods cannot be resized')]
  const errors: FieldError[] = []
  if ((previous.status?.qosClass ?? qosOf(before)) !== qosOf(spec))
    errors.push(fieldInvalid('spec', status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'))
  if (!canResize(previous)) errors.push(fieldForbidden('spec', 'Pod running on node without support for resize'))
  const disorder = [...orderErrors('containers', spec, before), ...orderErrors('initContainers', spec, before)]
  if (disorder.length > 0) return [...errors, ...disorder]
  errors.push(...pairs('initContainers', spec, before).flatMap(([next, old, at]) => (isSidecar(old) ? removals(next, old, at) : [])))
  errors.push(...pairs('containers', spec, before).flatMap(([next, old, at]) => removals(next, old, at)))
  for (const [next, old] of pairs('containers', spec, before))
    if (!isSameJson(withAmountsOf(next, old), old)) errors.push(fieldForbidden('spec', 'only cpu and memory resources are mutable'))
  for (const [next, old] of pairs('initContainers', spec, before)) {
    if (isSidecar(next) && !isSameJson(withAmountsOf(next, old), old))
      errors.push(fieldForbidden('spec', 'only cpu and memory resources for sidecar containers are mutable'))
    if (!isSidecar(next) && !isSameJson(next, old))
      errors.push(fieldForbidden('spec', 'resources for non-sidecar init containers are immutable'))
  }
  return errors
}

type List = 'containers' | 'initContainers'

const asks = (resources: ResourceRequirements | undefined): boolean =>
  Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always'

/**
 * A node that resizes says what the containers have. On any other a pod stays as it began, and the scheduler counts what its spec asks for: a
 * resize of it would only make its node look full, or empty.
 */
function canResize({ spec, status }: Resized): boolean {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const isNowhere = (spec.nodeName ?? '') === '' && statuses.every(({ state }) => state?.running === undefined)
  return isNowhere || statuses.some(({ resources }) => resources !== undefined)
}

function orderErrors(list: List, spec: PodSpec, before: PodSpec): FieldError[] {
  const [next, old] = [spec[list] ?? [], before[list] ?? []]
  if (next.length !== old.length) return [fieldForbidden(`spec.${list}`, `${list} may not be added or removed on resize`)]
  return next.flatMap(({ name }, i) =>
    name === old[i]?.name ? [] : [fieldForbidden(`spec.${list}[${i}].name`, `${list} may not be renamed or reordered on resize`)],
  )
}

/** Each container with what it was and where its resources stand; there are as many of both. */
const pairs = (list: List, spec: PodSpec, before: PodSpec): (readonly [Container, Container, string])[] =>
  (spec[list] ?? []).map((container, i) => [container, before[list]?.[i] ?? container, `spec.${list}[${i}].resources`] as const)

const removals = ({ resources }: Container, { resources: before }: Container, at: string): FieldError[] =>
  (['requests', 'limits'] as const).flatMap((list) =>
    Object.keys(before[list] ?? {}).every((name) => resources[list]?.[name] !== undefined)
      ? []
      : [fieldForbidden(`${at}.${list}`, `resource ${list} cannot be removed`)],
  )

/** With the CPU and memory that it had: the rest must be as it was, how it is to be resized too. */
function withAmountsOf(container: Container, { resources: before }: Container): Container {
  const { limits: _limits, requests: _requests, ...rest } = container.resources
  const amounts = (list: 'requests' | 'limits') => {
    const { cpu: _cpu, memory: _memory, ...others } = container.resources[list] ?? {}
    const kept = Object.entries(before[list] ?? {}).filter(([name]) => name === 'cpu' || name === 'memory')
    const all = { ...others, ...Object.fromEntries(kept) }
    return before[list] === undefined && Object.keys(all).length === 0 ? {} : { [list]: all }
  }
  return { ...container, resources: { ...rest, ...amounts('limits'), ...amounts('requests') } }
}
