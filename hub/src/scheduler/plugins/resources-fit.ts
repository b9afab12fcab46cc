import { defineSchedulerPlugin } from '../framework.ts'
import type { Refusal } from '../framework.ts'
import type { ResourceAmounts } from '../snapshot/resources.ts'

/** A node takes a pod while what all its pods request fits into what it can allocate. Every resource that is short is named. */
export const resourcesFit = defineSchedulerPlugin({
  name: 'NodeResourcesFit',
  order: 80,
  unblockedBy: ['node-added', 'node-resources', 'pod-gone'],
  filter({ requests }) {
    const wants = Object.entries(requests).filter(([, wanted]) => wanted !== 0)
    const { cpu = 0, memory = 0, pods = 0 } = requests
    const wantsMore = wants.some(([resource]) => resource !== 'cpu' && resource !== 'memory' && resource !== 'pods')
    return ({ name, allocatable, requested }) => {
      if (!wantsMore && hasRoom(allocatable, requested, { cpu, memory, pods })) return undefined
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

/** What is asked for of nearly every node for nearly every pod: read by name, which costs a tenth of looking each resource up. */
const hasRoom = (
  allocatable: ResourceAmounts,
  requested: ResourceAmounts,
  { cpu, memory, pods }: { readonly cpu: number; readonly memory: number; readonly pods: number },
): boolean =>
  (cpu === 0 || cpu <= (allocatable['cpu'] ?? 0) - (requested['cpu'] ?? 0)) &&
  (memory === 0 || memory <= (allocatable['memory'] ?? 0) - (requested['memory'] ?? 0)) &&
  (pods === 0 || pods <= (allocatable['pods'] ?? 0) - (requested['pods'] ?? 0))

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
