import { defineSchedulerPlugin } from '../framework.ts'
import type { Refusal } from '../framework.ts'

/** A node takes a pod while what all its pods request fits into what it can allocate. Every resource that is short is named. */
export const resourcesFit = defineSchedulerPlugin({
  name: 'NodeResourcesFit',
  order: 80,
  unblockedBy: ['node-added', 'node-resources', 'pod-gone'],
  filter({ requests }, { name, allocatable, requested }) {
    return Object.entries(requests).flatMap(([resource, wanted]): Refusal[] => {
      if (wanted === 0) return []
      const free = (allocatable[resource] ?? 0) - (requested[resource] ?? 0)
      if (wanted <= free) return []
      if (resource === 'pods') return [{ reason: 'Too many pods', detail: `node ${name} runs ${requested['pods'] ?? 0} pods, its limit` }]
      return [
        {
          reason: `Insufficient ${resource}`,
          detail: `node ${name} has ${amount(resource, Math.max(0, free))} ${resource} free, pod needs ${amount(resource, wanted)}`,
        },
      ]
    })
  },
})

function amount(resource: string, value: number): string {
  if (resource === 'cpu') return `${value}m`
  return resource === 'memory' || resource === 'ephemeral-storage' ? `${Math.floor(value / 2 ** 20)}Mi` : String(value)
}
