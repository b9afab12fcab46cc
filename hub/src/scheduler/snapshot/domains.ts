import { add } from './counts.ts'
import type { CountsByNode } from './counts.ts'

/** Where nodes lie: the value of a label that they share (a host, a room, a rack); undefined for a node that does not count. */
export type DomainOf = (node: string) => string | undefined

/** Pods by domain, and how many are in the emptiest. */
export type DomainCounts = { readonly counts: ReadonlyMap<string, number>; readonly fewest: number }

/**
 * Counts by node as counts by domain, kept up with each pod that comes or goes. Good for as long as the nodes stay where they are: when
 * one comes, goes or changes its labels, it is made anew.
 */
export class Domains implements DomainCounts {
  readonly counts = new Map<string, number>()
  /** How many domains have so many pods. */
  readonly #having = new Map<number, number>()
  readonly #domainOf: DomainOf
  #fewest = Infinity

  /** `nodes`: those whose domains count although there is no pod in them. */
  constructor(pods: CountsByNode, domainOf: DomainOf, nodes: Iterable<string>) {
    this.#domainOf = domainOf
    for (const node of nodes) {
      const domain = domainOf(node)
      if (domain !== undefined) this.counts.set(domain, 0)
    }
    for (const [node, count] of pods) {
      const domain = domainOf(node)
      if (domain !== undefined) this.counts.set(domain, (this.counts.get(domain) ?? 0) + count)
    }
    for (const count of this.counts.values()) {
      add(this.#having, count, 1)
      this.#fewest = Math.min(this.#fewest, count)
    }
  }

  get fewest(): number {
    return this.#fewest
  }

  moved(node: string, by: 1 | -1): void {
    const domain = this.#domainOf(node)
    if (domain === undefined) return
    const before = this.counts.get(domain)
    const count = (before ?? 0) + by
    this.counts.set(domain, count)
    if (before !== undefined) add(this.#having, before, -1)
    add(this.#having, count, 1)
    // Of whole steps: who leaves the emptiest ones last leaves the next number as the least.
    if (count < this.#fewest || !this.#having.has(this.#fewest)) this.#fewest = count
  }
}
