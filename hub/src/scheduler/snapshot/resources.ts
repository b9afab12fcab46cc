import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { milliOf, valueOf } from '@bramble/shared/meta/quantity.ts'

/** Amounts by resource name; cpu in millicores, all else in its base unit. A name that is absent is zero, and nothing is inherited. */
export type ResourceAmounts = Readonly<Record<string, number>>

export function amountsOf(quantities: Readonly<Record<string, string>> = {}): Record<string, number> {
  const amounts = noAmounts()
  for (const [name, quantity] of Object.entries(quantities)) amounts[name] = name === 'cpu' ? milliOf(quantity) : valueOf(quantity)
  return amounts
}

const addResources = (a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts => combine(a, b, (x, y) => x + y)
const largerResources = (a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts => combine(a, b, Math.max)

function combine(a: ResourceAmounts, b: ResourceAmounts, how: (x: number, y: number) => number): ResourceAmounts {
  const result = Object.assign(noAmounts(), a)
  for (const [name, amount] of Object.entries(b)) result[name] = how(result[name] ?? 0, amount)
  return result
}

const noAmounts = (): Record<string, number> => Object.create(null) as Record<string, number>

/**
 * The amounts of nodes have one shape: they are read for hundreds of nodes for each pod, and of a dictionary that costs several times as
 * much. It inherits nothing, as a dictionary does not.
 */
class NodeAmounts {
  cpu = 0
  memory = 0
  pods = 0
}
Object.setPrototypeOf(NodeAmounts.prototype, null)
delete (NodeAmounts.prototype as { constructor?: unknown }).constructor

/** Of a node, to which other names may be added; without quantities all are zero. */
export const nodeAmountsOf = (quantities?: Readonly<Record<string, string>>): Record<string, number> =>
  Object.assign(new NodeAmounts() as unknown as Record<string, number>, amountsOf(quantities)) // numbers by name

export const allocatableOf = ({ status }: Node): ResourceAmounts => nodeAmountsOf(status?.allocatable ?? status?.capacity)

/**
 * What a pod needs at its hungriest moment: its containers and sidecars together, or one init container beside the sidecars that
 * were started before it; plus the overhead of its runtime. The pod itself counts as one of `pods`.
 */
export function requestsOf({ spec }: Pod): ResourceAmounts {
  let running: ResourceAmounts = {}
  for (const { resources } of spec?.containers ?? []) running = addResources(running, amountsOf(resources?.requests))
  let sidecars: ResourceAmounts = {}
  let starting: ResourceAmounts = {}
  for (const { resources, restartPolicy } of spec?.initContainers ?? []) {
    const requests = amountsOf(resources?.requests)
    if (restartPolicy === 'Always') sidecars = addResources(sidecars, requests)
    else starting = largerResources(starting, addResources(sidecars, requests))
  }
  const total = largerResources(addResources(running, sidecars), starting)
  return { ...addResources(total, amountsOf(spec?.overhead)), pods: 1 }
}

// Kubernetes' stand-ins for pods that request nothing: else any number of them would look free to the scores.
const assumedCpu = 100
const assumedMemory = 200 * 2 ** 20

type Load = { readonly allocatable: ResourceAmounts; readonly requested: ResourceAmounts }

/** The shares, 0…1, of a node's CPU and memory that would be spoken for with a pod on it that requests these. */
export function usedSharesOf(requests: ResourceAmounts): { readonly cpu: (node: Load) => number; readonly memory: (node: Load) => number } {
  const { cpu = assumedCpu, memory = assumedMemory } = requests
  // Each reads its amounts by name: it is asked for hundreds of nodes for each pod.
  return {
    cpu: ({ allocatable, requested }) => shareOf(allocatable['cpu'], requested['cpu'], floorOf(requested, assumedCpu), cpu),
    memory: ({ allocatable, requested }) => shareOf(allocatable['memory'], requested['memory'], floorOf(requested, assumedMemory), memory),
  }
}

const floorOf = (requested: ResourceAmounts, assumed: number): number => (requested['pods'] ?? 0) * assumed

const shareOf = (whole = 0, requested = 0, floor: number, wanted: number): number =>
  whole === 0 ? 1 : Math.min(1, (Math.max(requested, floor) + wanted) / whole)
