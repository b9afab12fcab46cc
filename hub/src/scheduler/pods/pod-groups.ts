import { add } from '../snapshot/counts.ts'
import type { CountsByNode } from '../snapshot/counts.ts'
import { Domains } from '../snapshot/domains.ts'
import type { DomainCounts, DomainOf } from '../snapshot/domains.ts'
import type { PodInfo } from './pod-info.ts'

/** Pods that somebody counts: those of one owner, those that a term means. */
export type PodGroup = {
  /** Two groups of one key are the same: it says everything that `has` depends on, but for the labels of namespaces. */
  readonly key: string
  /** The only namespace in which it has pods; undefined when it may have them in several. */
  readonly namespace: string | undefined
  /** It depends on the labels of namespaces: counted anew when one of them has changed. */
  readonly isByNamespaceLabels?: boolean
  readonly has: (pod: PodInfo) => boolean
}

/** A way to lay out the nodes in domains; two of one key are the same for as long as the nodes stay where they are. */
export type Layout = {
  readonly key: string
  readonly domainOf: DomainOf
  /** Those whose domains count although there is no pod in them. */
  readonly nodes: () => Iterable<string>
}

type Entry = { readonly group: PodGroup; readonly counts: Map<string, number>; readonly domains: Map<string, Domains> }

/** Ways to lay out one group's nodes that are kept: pods of one group ask for one or two. */
const maxLayouts = 8
/** What is asked for beyond this is counted anew when it is asked for again: each pod that comes or goes is shown to every group. */
const maxGroups = 512

/**
 * Counts of pods by node, counted once at the first question and kept up from then on: a pod of a Deployment of thousands must not
 * be compared with all the others. Whatever came and went, a count is what counting anew would give.
 */
export class PodGroups {
  readonly #groups = new Map<string, Entry>()
  readonly #placed: (namespace: string | undefined) => Iterable<readonly [PodInfo, string]>

  /** `placed` answers the pods (of a namespace) with their nodes. */
  constructor(placed: (namespace: string | undefined) => Iterable<readonly [PodInfo, string]>) {
    this.#placed = placed
  }

  counts(group: PodGroup): CountsByNode {
    return this.#entry(group).counts
  }

  domains(group: PodGroup, { key, domainOf, nodes }: Layout): DomainCounts {
    const { counts, domains } = this.#entry(group)
    const known = domains.get(key)
    if (known !== undefined) return known
    if (domains.size >= maxLayouts) domains.clear()
    const made = new Domains(counts, domainOf, nodes())
    domains.set(key, made)
    return made
  }

  /** A node has come, has gone, or is in another domain than before. */
  nodesChanged(): void {
    for (const { domains } of this.#groups.values()) domains.clear()
  }

  #entry(group: PodGroup): Entry {
    const known = this.#groups.get(group.key)
    this.#groups.delete(group.key)
    const entry = known ?? { group, counts: this.#count(group), domains: new Map<string, Domains>() }
    this.#groups.set(group.key, entry)
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= maxGroups) break
      this.#groups.delete(oldest)
    }
    return entry
  }

  /** A pod has come to a node (`by` 1) or has left it (-1). */
  moved(pod: PodInfo, node: string, by: 1 | -1): void {
    for (const { group, counts, domains } of this.#groups.values()) {
      if ((group.namespace !== undefined && group.namespace !== pod.namespace) || !group.has(pod)) continue
      add(counts, node, by)
      for (const each of domains.values()) each.moved(node, by)
    }
  }

  namespacesChanged(): void {
    for (const [key, { group }] of this.#groups) if (group.isByNamespaceLabels === true) this.#groups.delete(key)
  }

  #count(group: PodGroup): Map<string, number> {
    const counts = new Map<string, number>()
    for (const [pod, node] of this.#placed(group.namespace)) if (group.has(pod)) add(counts, node, 1)
    return counts
  }
}
