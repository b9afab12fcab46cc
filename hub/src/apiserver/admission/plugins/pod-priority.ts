import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import { defineAdmission, refused } from '../admission.ts'

/** The two classes that are built in; classes of one's own come with the PriorityClass kind. */
const classes: ReadonlyMap<string, number> = new Map([
  ['system-node-critical', 2_000_001_000],
  ['system-cluster-critical', 2_000_000_000],
])

export const podPriority = defineAdmission('pod-priority', () => ({
  admit({ operation, kind, object, previous, origin: { subresource }, name }) {
    if (operation === 'DELETE' || kind !== pods || subresource !== undefined || object === undefined) return
    const { spec } = object as Pod // it is of that kind
    if (operation === 'UPDATE') return keepPriority(spec, (previous as Pod).spec) // an update has a previous state, of the same kind
    const { priorityClassName = '' } = spec
    const priority = priorityClassName === '' ? 0 : classes.get(priorityClassName)
    if (priority === undefined) throw refused({ kind, name }, `no PriorityClass with name ${priorityClassName} was found`)
    if (spec.priority !== undefined && spec.priority !== priority)
      throw refused(
        { kind, name },
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
      )
    spec.priority = priority
    spec.preemptionPolicy ??= 'PreemptLowerPriority'
  },
}))

/** What was filled in on creation an update need not repeat. Whether it may say something else the pod's own rules tell. */
function keepPriority(spec: Pod['spec'], { priority, preemptionPolicy }: Pod['spec']): void {
  if (priority !== undefined) spec.priority ??= priority
  if (preemptionPolicy !== undefined) spec.preemptionPolicy ??= preemptionPolicy
}
