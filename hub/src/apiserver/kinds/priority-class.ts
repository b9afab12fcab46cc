import { type PriorityClass, priorityClasses, systemClasses } from '@bramble/shared/kinds/priority-class.ts'
import { defineKindHooks } from '../objects/kind-hooks.ts'

export const priorityClassHooks = defineKindHooks({
  kind: priorityClasses,
  first: [...systemClasses].map(([name, { value, description }]): PriorityClass => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  })),
})
