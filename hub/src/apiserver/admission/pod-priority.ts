import { fieldInvalid, invalid } from '@bramble/shared/api-error.ts'
import { type Pod, pods } from '@bramble/shared/kinds/pod.ts'
import type { AdmissionPlugin } from './admission.ts'

/** The two classes that are built in; classes of one's own come with the PriorityClass kind. */
const classes: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }

export const podPriority: AdmissionPlugin = {
  name: 'pod-priority',
  admit({ operation, kind, object, previous, subresource, name }) {
    if (operation === 'DELETE' || kind !== pods || subresource !== undefined || object === undefined) return
    const { spec } = object as Pod // it is of that kind
    if (operation === 'UPDATE') return keepPriority(spec, (previous as Pod).spec) // an update has a previous state, of the same kind
    const { priorityClassName = '' } = spec
    const priority = priorityClassName === '' ? 0 : classes[priorityClassName]
    if (priority === undefined)
      throw invalid(pods, name, [
        fieldInvalid(
          'spec.priorityClassName',
          priorityClassName,
          `no PriorityClass with this name; there are ${Object.keys(classes).join(', ')}`,
        ),
      ])
    if (spec.priority !== undefined && spec.priority !== priority)
      throw invalid(pods, name, [
        fieldInvalid(
          'spec.priority',
          spec.priority,
          `the integer value of priority must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
        ),
      ])
    spec.priority = priority
    spec.preemptionPolicy ??= 'PreemptLowerPriority'
  },
}

/** What was filled in on creation an update need not repeat. Whether it may say something else the pod's own rules tell. */
function keepPriority(spec: Pod['spec'], { priority, preemptionPolicy }: Pod['spec']): void {
  if (priority !== undefined) spec.priority ??= priority
  if (preemptionPolicy !== undefined) spec.preemptionPolicy ??= preemptionPolicy
}
