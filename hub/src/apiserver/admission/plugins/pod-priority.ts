import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { type PriorityClass, priorityClasses, systemClasses } from '@bramble/shared/kinds/priority-class.ts'
import type { Entry } from '../../../store/store.ts'
import type { Registry } from '../../objects/registry.ts'
import { readableObject } from '../../query/selectors.ts'
import { type Admission, defineAdmission, refused } from '../admission.ts'

/** A pod has the priority of the class that it names, or of the one that says it is everybody's; a number of its own it may not bring. */
export const podPriority = defineAdmission('pod-priority', ({ registry }) => {
  const defaultOf = globalDefaultOf(registry)
  const classOf = (name: string): PriorityClass | undefined => {
    if (name === '') return defaultOf()
    const entry = registry.find(priorityClasses, undefined, name)
    return entry === undefined ? undefined : registry.objectOf(priorityClasses, entry)
  }
  return {
    kinds: [pods, priorityClasses],
    admit({ operation, kind, object, previous, origin: { subresource }, name }) {
      if (operation === 'DELETE' || kind !== pods || subresource !== undefined || object === undefined) return
      const { spec } = object as Pod // it is of that kind
      if (operation === 'UPDATE') return keepPriority(spec, (previous as Pod).spec) // an update has a previous state, of the same kind
      const { priorityClassName = '' } = spec
      const found = classOf(priorityClassName)
      if (found === undefined && priorityClassName !== '')
        throw refused({ kind, name }, `no PriorityClass with name ${priorityClassName} was found`)
      if (found !== undefined) spec.priorityClassName = found.metadata.name
      const { value = 0, preemptionPolicy = 'PreemptLowerPriority' } = found ?? {}
      if (spec.priority !== undefined && spec.priority !== value)
        throw refused({ kind, name }, notGiven(`integer value of priority (${spec.priority})`, value))
      if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy)
        throw refused({ kind, name }, notGiven(`string value of PreemptionPolicy (${spec.preemptionPolicy})`, preemptionPolicy))
      spec.priority = value
      spec.preemptionPolicy = preemptionPolicy
    },
    validate({ operation, kind, object, name }) {
      if (kind !== priorityClasses) return
      if (operation === 'DELETE') return keepSystemClass(name)
      const before = defaultOf()
      if ((object as PriorityClass).globalDefault !== true || before === undefined || before.metadata.name === name) return // of that kind
      throw refused({ kind, name }, `PriorityClass ${before.metadata.name} is already marked as default. Only one default can exist`)
    },
  }
})

const notGiven = (what: string, computed: string | number) =>
  `the ${what} must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`

/** Pods of every cluster may name them. */
function keepSystemClass(name: Admission['name']): void {
  if (systemClasses.has(name)) throw refused({ kind: priorityClasses, name }, 'this is a system priority class and cannot be deleted')
}

/** Worked out anew only when a class has changed: every pod without a class asks. */
function globalDefaultOf(registry: Registry): () => PriorityClass | undefined {
  const prefix = registry.prefixOf(priorityClasses)
  let seen: readonly Entry[] = []
  let found: PriorityClass | undefined
  return () => {
    const { entries } = registry.store.list(prefix)
    if (entries.length !== seen.length || entries.some((entry, at) => entry !== seen[at])) {
      seen = entries
      // Two hubs may have taken one each at the same time; then the lower one counts, as in Kubernetes.
      found = entries
        .flatMap((entry) => readableObject(registry, priorityClasses, entry) ?? [])
        .filter(({ globalDefault }) => globalDefault === true)
        .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0]
    }
    return found
  }
}

/** What was filled in on creation an update need not repeat. Whether it may say something else the pod's own rules tell. */
function keepPriority(spec: Pod['spec'], { priority, preemptionPolicy }: Pod['spec']): void {
  if (priority !== undefined) spec.priority ??= priority
  if (preemptionPolicy !== undefined) spec.preemptionPolicy ??= preemptionPolicy
}
