import { defineSchedulerPlugin } from '../framework.ts'
import type { Refusal } from '../framework.ts'

/** A node takes a pod while what all its pods request fits into what it can allocate. Every resource that is short is named. */
export const resourcesFit = defineSchedulerPlugin({
  name: 'NodeResourcesFit',
  order: 80,
  unblockedBy: ['node-added', 'node-resources', 'pod-gone'],
  filter({ requests }) {
    const wants = Object.entries(requests).filter(([, wanted]) => wanted !== 0)
    return ({ name, allocatable, requested }) => {
      let refusals: Refusal[] | undefined
      for (const [resource, wanted] of wants) {
        const free = (allocatable[resource] ?? 0) - (requested[resource] ?? 0)
        if (wanted <= free) continue
        refusals ??= []
        refusals.push(short({ name, resource, wanted, free, pods: requested['pods'] ?? 0 }))
      }
      return refusals
    }
  },
})

type Shortage = { readonly name: string; readonly resource: string; readonly wanted: number; readonly free: number; readonly pods: number }

const short = ({ name, resource, wanted, free, pods }: Shortage): Refusal =>
  resource === 'pods'
    ? { reason: 'Too many pods', detail: `node ${name} runs ${pods} pods, its limit` }
    : {
        reason: `Insufficient ${resource}`,
        detail: `node ${name} has ${amount(resource, Math.max(0, free))} ${resource} free, pod needs ${amount(resource, wanted)}`,
      }

function amount(resource: string, value: number): string {
  if (resource === 'cpu') return `${value}m`
  return resource === 'memory' || resource === 'ephemeral-storage' ? `${Math.floor(value / 2 ** 20)}Mi` : String(value)
}
