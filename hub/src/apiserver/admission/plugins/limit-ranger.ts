import { ownValue, setOwn } from '@bramble/shared/json/own.ts'
import { type LimitRange, limitRanges } from '@bramble/shared/kinds/limit-range.ts'
import { type PersistentVolumeClaim, persistentVolumeClaims } from '@bramble/shared/kinds/persistent-volume-claim.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { amountsOfPod, quantitiesOf } from '@bramble/shared/kinds/rules/pod-amounts.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { LimitRangeItem } from '@bramble/shared/types/limit-range-item.ts'
import { amountErrors, type Amounts, leastErrors, mostAskedErrors } from '../limits/bounds.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/**
 * Containers that do not say what they want get what the namespace gives them, and pods and claims are held to its least and most. What
 * is there stays: an update is not looked at, but for a pod that is resized and a claim, whose amounts may change.
 */
export const limitRanger = defineAdmission('limit-ranger', ({ registry }) => ({
  kinds: [pods, persistentVolumeClaims],
  admit(admission) {
    if (!isHeld(admission) || admission.kind !== pods) return
    for (const range of rangesOf(registry, admission.namespace)) fillIn(admission.object as Pod, range) // it is of that kind
  },
  validate(admission) {
    if (!isHeld(admission)) return
    for (const range of rangesOf(registry, admission.namespace)) {
      const items = range.spec?.limits ?? []
      const errors = admission.kind === pods ? errorsOfPod(admission.object as Pod, items) : errorsOfClaim(admission.object, items) // of that kind
      const told = [...new Set(errors)]
      if (told.length > 0) throw refused(admission, told.length === 1 ? (told[0] ?? '') : `[${told.join(', ')}]`)
    }
  },
}))

function isHeld({ operation, kind, object, previous, origin: { subresource } }: Admission): boolean {
  if (object === undefined || operation === 'DELETE' || previous?.metadata.deletionTimestamp !== undefined) return false
  if (kind === persistentVolumeClaims) return subresource === undefined
  return operation === 'CREATE' ? subresource === undefined : subresource === 'resize'
}

const rangesOf = (registry: Registry, namespace: string | undefined): readonly LimitRange[] =>
  registry.store
    .list(registry.prefixOf(limitRanges, namespace))
    .entries.flatMap((entry) => readableObject(registry, limitRanges, entry) ?? [])

/** What it was given is told on it, in the words of Kubernetes. */
const annotation = 'kubernetes.io/limit-ranger'

function fillIn({ metadata, spec }: Pod, range: LimitRange): void {
  const items = (range.spec?.limits ?? []).filter(({ type }) => type === 'Container')
  const told: string[] = []
  const fill = ({ name, resources }: Container, what: string) => {
    const requests = items.flatMap(({ defaultRequest }) => filledIn(resources, 'requests', defaultRequest))
    const limits = items.flatMap((item) => filledIn(resources, 'limits', item.default))
    if (requests.length > 0) told.push(`${requests.sort().join(', ')} request for ${what} ${name}`)
    if (limits.length > 0) told.push(`${limits.sort().join(', ')} limit for ${what} ${name}`)
  }
  for (const container of spec.containers) fill(container, 'container')
  for (const container of spec.initContainers ?? []) fill(container, 'init container')
  if (told.length > 0) metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${told.join('; ')}` }
}

/** The names of those that were missing. */
function filledIn(resources: Container['resources'], list: 'requests' | 'limits', amounts: Amounts = {}): readonly string[] {
  const missing = Object.keys(amounts).filter((name) => ownValue(resources[list], name) === undefined)
  if (missing.length === 0) return []
  const all = (resources[list] = { ...resources[list] })
  for (const name of missing) setOwn(all, name, amounts[name] ?? '')
  return missing
}

function errorsOfPod({ spec }: Pod, items: readonly LimitRangeItem[]): readonly string[] {
  return items.flatMap((item) => {
    if (item.type === 'Container')
      return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
        amountErrors(item, { requests: quantitiesOf(resources.requests), limits: quantitiesOf(resources.limits) }),
      )
    if (item.type !== 'Pod') return []
    return amountErrors(item, { requests: amountsOfPod(spec, 'requests'), limits: amountsOfPod(spec, 'limits') })
  })
}

/** Of claims only what they ask for counts. */
function errorsOfClaim(object: Admission['object'], items: readonly LimitRangeItem[]): readonly string[] {
  const requests = quantitiesOf((object as PersistentVolumeClaim).spec.resources?.requests) // it is of that kind
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [...leastErrors(item, { requests, limits: {} }), ...mostAskedErrors(item, requests)])
}
