import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodAffinityTerm } from '@bramble/shared/types/affinity.ts'
import { Domains } from '../snapshot/domains.ts'
import type { DomainOf } from '../snapshot/domains.ts'
import { add } from '../snapshot/counts.ts'
import type { PodInfo } from './pod-info.ts'
import { termKey } from './pod-terms.ts'

/**
 * A required anti-affinity of placed pods. `owner` is one of them: all that hold it mean the same. `domains`: how many hold it, by the
 * values of its label.
 */
export type HeldTerm = { readonly term: PodAffinityTerm; readonly owner: Pod; readonly domains: ReadonlyMap<string, number> }

type Held = { readonly term: PodAffinityTerm; readonly owner: Pod; readonly nodes: Map<string, number>; domains: Domains | undefined }

/** What placed pods do not want near them, each kind of term once with the nodes of those that hold it, however many they are. */
export class HeldTerms {
  readonly #held = new Map<string, Held>()
  readonly #domainOf: (topologyKey: string) => DomainOf

  constructor(domainOf: (topologyKey: string) => DomainOf) {
    this.#domainOf = domainOf
  }

  *all(): Generator<HeldTerm> {
    for (const held of this.#held.values()) {
      const { term, owner, nodes } = held
      held.domains ??= new Domains(nodes, this.#domainOf(term.topologyKey), [])
      yield { term, owner, domains: held.domains.counts }
    }
  }

  /** A node has come, has gone, or is in another domain than before. */
  nodesChanged(): void {
    for (const held of this.#held.values()) held.domains = undefined
  }

  /** A pod has come to a node (`by` 1) or has left it (-1). */
  moved({ pod }: PodInfo, node: string, by: 1 | -1): void {
    for (const term of pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
      const key = `${term.topologyKey} ${termKey(term, pod)}`
      const held = this.#held.get(key) ?? { term, owner: pod, nodes: new Map<string, number>(), domains: undefined }
      add(held.nodes, node, by)
      held.domains?.moved(node, by)
      if (held.nodes.size === 0) this.#held.delete(key)
      else this.#held.set(key, held)
    }
  }
}
