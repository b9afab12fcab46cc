import { ownValue, setOwn } from '../../json/own.ts'
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../../meta/quantity.ts'
import type { PodSpec } from '../../types/pod-spec.ts'

/** By the name of a resource. */
export type Quantities = Record<string, Quantity>

export function quantitiesOf(amounts: Readonly<Record<string, string>> = {}): Quantities {
  const quantities: Quantities = {}
  for (const [name, amount] of Object.entries(amounts)) setOwn(quantities, name, parseQuantity(amount))
  return quantities
}

/** Of each resource that either names. */
export const sumOf = (a: Quantities, b: Quantities): Quantities => combined(a, b, addQuantities)
export const largerOf = (a: Quantities, b: Quantities): Quantities => combined(a, b, (x, y) => (compareQuantities(x, y) < 0 ? y : x))

function combined(a: Quantities, b: Quantities, how: (x: Quantity, y: Quantity) => Quantity): Quantities {
  const result = { ...a }
  for (const [name, amount] of Object.entries(b)) {
    const known = ownValue(result, name)
    setOwn(result, name, known === undefined ? amount : how(known, amount))
  }
  return result
}

/** A pod may say these for all of its containers together. */
const isOfPod = (name: string) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

/**
 * What a pod asks for, or may take, at its hungriest moment, without the overhead of its runtime: its containers and sidecars together, or one
 * init container beside the sidecars that were started before it; and what it says for all of them counts in place of their sum.
 */
export function amountsOfPod({ containers, initContainers = [], resources }: PodSpec, of: 'requests' | 'limits'): Quantities {
  let running: Quantities = {}
  for (const container of containers) running = sumOf(running, quantitiesOf(container.resources[of]))
  let sidecars: Quantities = {}
  let starting: Quantities = {}
  for (const { resources: own, restartPolicy } of initContainers) {
    const amounts = quantitiesOf(own[of])
    if (restartPolicy === 'Always') starting = largerOf(starting, (sidecars = sumOf(sidecars, amounts)))
    else starting = largerOf(starting, sumOf(sidecars, amounts))
  }
  const total = largerOf(sumOf(running, sidecars), starting)
  for (const [name, amount] of Object.entries(quantitiesOf(resources?.[of]))) if (isOfPod(name)) setOwn(total, name, amount)
  return total
}
