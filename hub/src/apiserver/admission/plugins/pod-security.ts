import { type FieldError, invalid } from '@bramble/shared/api/api-error.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { type Namespace, namespaces } from '@bramble/shared/kinds/namespace.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { PodLike } from '@bramble/shared/kinds/rules/unserved.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'
import { isSameStandard, isStricter, labelPrefix, policyOf, type Standard, standardText } from '../pod-security/policy.ts'
import { detailsOf, reasonsOf, violationsOf } from '../pod-security/violations.ts'
import { templatesIn } from '../templates.ts'

/**
 * Holds pods to the standard that their namespace asks for by its labels (Pod Security Standards: privileged, baseline, restricted). What
 * makes pods is only warned of: its pods will be refused.
 */
export const podSecurity = defineAdmission('pod-security', ({ registry, podSecurity: { defaults, exempt } }) => {
  const policyIn = (namespace: string): ReturnType<typeof policyOf> => {
    const entry = registry.find(namespaces, undefined, namespace)
    return policyOf(entry && registry.objectOf(namespaces, entry).metadata.labels, defaults)
  }
  const exemptionOf = ({ namespace = '', origin: { user } }: Admission, { spec }: PodLike): string | undefined => {
    if (exempt.namespaces.includes(namespace)) return 'namespace'
    if (exempt.users.includes(user.name)) return 'user'
    return spec.runtimeClassName !== undefined && exempt.runtimeClasses.includes(spec.runtimeClassName) ? 'runtimeClass' : undefined
  }

  /** What is written of it is what Kubernetes writes: annotations of the request's Event. */
  const ofPod = (admission: Admission, pod: PodLike, isEnforced: boolean) => {
    const { policy, errors } = policyIn(admission.namespace ?? '')
    const { enforce, audit, warn } = policy
    const { note } = admission.origin
    const exemption = exemptionOf(admission, pod)
    if (exemption !== undefined) return note?.(`${labelPrefix}exempt`, exemption)
    if (errors.length > 0) note?.(`${labelPrefix}error`, `Failed to parse policy: ${inOne(errors)}`)
    if (isEnforced) note?.(`${labelPrefix}enforce-policy`, standardText(enforce))
    const unwritten = note === undefined ? [] : violationsOf(audit, pod)
    if (unwritten.length > 0)
      note?.(`${labelPrefix}audit-violations`, `would violate PodSecurity "${standardText(audit)}": ${detailsOf(unwritten)}`)
    const broken = isEnforced ? violationsOf(enforce, pod) : []
    if (broken.length > 0) throw refused(admission, `violates PodSecurity "${standardText(enforce)}": ${detailsOf(broken)}`)
    const unwished = violationsOf(warn, pod)
    if (unwished.length > 0) admission.warn?.(`would violate PodSecurity "${standardText(warn)}": ${detailsOf(unwished)}`)
  }

  const ofNamespace = async ({ name, object, previous, operation, warn }: Admission) => {
    const next = policyOf((object as Namespace).metadata.labels, defaults) // of that kind, and no deletion
    const before = operation === 'UPDATE' ? policyOf((previous as Namespace).metadata.labels, defaults) : undefined // an update has one
    const isOld =
      before !== undefined && before.errors.map(({ message }) => message).join() === next.errors.map(({ message }) => message).join()
    if (next.errors.length > 0 && !isOld) throw invalid(namespaces, name, next.errors)
    if (before === undefined || !isTightened(before.policy.enforce, next.policy.enforce) || exempt.namespaces.includes(name)) return
    for (const text of await breakers(registry, name, next.policy.enforce, exempt.runtimeClasses)) warn?.(text)
  }

  return {
    validate(admission) {
      const { kind, operation, object, previous, origin } = admission
      if (operation === 'DELETE' || object === undefined) return
      if (kind === namespaces) return origin.subresource === undefined ? ofNamespace(admission) : undefined
      if (kind === pods) {
        if (passing.has(origin.subresource ?? '')) return
        if (operation === 'UPDATE' && !isHeldAnew(object as Pod, previous as Pod)) return // both are pods
        return ofPod(admission, object as Pod, true)
      }
      if (origin.subresource !== undefined || !makers.has(`${kind.group}/${kind.resource}`)) return
      for (const { template } of templatesIn(object)) ofPod(admission, template, false)
    },
  }
})

/** Several errors as Kubernetes puts them into one. */
function inOne(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))]
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`
}

/** Whose requests say nothing of how a pod runs. */
const passing: ReadonlySet<string> = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status'])

const makers: ReadonlySet<string> = new Set([
  ...['/podtemplates', '/replicationcontrollers', 'apps/replicasets', 'apps/deployments', 'apps/statefulsets', 'apps/daemonsets'],
  ...['batch/jobs', 'batch/cronjobs'],
])

/** A pod that was let in stays in until something is put into it: another image, a further container, another profile by annotation. */
function isHeldAnew({ metadata, spec }: Pod, before: Pod): boolean {
  const seccomp = (annotations: Readonly<Record<string, string>> = {}) =>
    JSON.stringify(
      Object.entries(annotations)
        .filter(([key]) => key.includes('seccomp.security.alpha.kubernetes.io/'))
        .toSorted(),
    )
  const imagesOf = ({ initContainers = [], containers, ephemeralContainers = [] }: Pod['spec']) =>
    JSON.stringify([initContainers, containers, ephemeralContainers].map((all) => all.map(({ name, image }) => [name, image])))
  return imagesOf(spec) !== imagesOf(before.spec) || seccomp(metadata.annotations) !== seccomp(before.metadata.annotations)
}

const isTightened = (before: Standard, next: Standard): boolean =>
  next.level !== 'privileged' && !isSameStandard(before, next) && !(before.minor === next.minor && !isStricter(next.level, before.level))

/** As many are looked at when a namespace is labelled. */
const mostPods = 3000

/** Pods that are there already and would not be let in any more, for who labels their namespace: they run on. */
async function breakers(registry: Registry, namespace: string, enforce: Standard, exempt: readonly string[]): Promise<string[]> {
  const { entries, remaining } = registry.store.list(registry.prefixOf(pods, namespace), { limit: mostPods })
  const found = new Map<string, { first: string; count: number }>()
  for (const entry of entries) {
    if (isTurnOver()) await nextTurn()
    const pod = readableObject(registry, pods, entry)
    if (pod === undefined || exempt.includes(pod.spec.runtimeClassName ?? '')) continue
    const broken = violationsOf(enforce, pod)
    if (broken.length === 0) continue
    const reasons = reasonsOf(broken)
    const known = found.get(reasons)
    if (known === undefined) found.set(reasons, { first: pod.metadata.name, count: 1 })
    else {
      known.count++
      if (pod.metadata.name < known.first) known.first = pod.metadata.name
    }
  }
  const others = (count: number) => (count === 1 ? '' : ` (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'})`)
  return [
    ...(remaining > 0
      ? [`new PodSecurity enforce level only checked against the first ${entries.length} of ${entries.length + remaining} existing pods`]
      : []),
    ...(found.size > 0
      ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${standardText(enforce)}"`]
      : []),
    ...[...found].map(([reasons, { first, count }]) => `${first}${others(count)}: ${reasons}`).toSorted(),
  ]
}
