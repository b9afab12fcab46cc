import { ownValue } from '@bramble/shared/json/own.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodAffinityTerm } from '@bramble/shared/types/affinity.ts'
import { defineSchedulerPlugin } from '../framework.ts'
import type { HeldTerm } from '../pods/held-terms.ts'
import { groupOf, meansPod } from '../pods/pod-terms.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** Pods that want to be near others or apart from them, in the sense of a label that nodes share (a host, a room, a rack). */
export const interPodAffinity = defineSchedulerPlugin({
  name: 'InterPodAffinity',
  order: 90,
  unblockedBy: ['node-added', 'node-labels', 'pod-gone', 'pod-placed', 'pod-labels'],
  filter({ pod }, snapshot) {
    const near = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const apart = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const nearDomains = near.map((term) => domainsOf(term, pod, snapshot))
    const apartDomains = apart.map((term) => domainsOf(term, pod, snapshot))
    const refusing = termsThatRefuse(pod, snapshot)
    if (near.length === 0 && apart.length === 0 && refusing.length === 0) return undefined
    // The first of a group that wants to be together has nobody to be near to yet.
    const isFirst =
      nearDomains.every((domains) => ![...domains.values()].some((count) => count > 0)) &&
      near.every((term) => meansPod(term, pod, pod, snapshot))

    return ({ node }) => {
      const valueOf = (key: string) => ownValue(node.metadata.labels, key)
      const isIn = (domains: ReadonlyMap<string, number> | undefined, key: string) => (domains?.get(valueOf(key) ?? '') ?? 0) > 0
      const isNear = near.every(
        ({ topologyKey }, i) => valueOf(topologyKey) !== undefined && (isFirst || isIn(nearDomains[i], topologyKey)),
      )
      if (!isNear) return notNear
      if (apart.some(({ topologyKey }, i) => isIn(apartDomains[i], topologyKey))) return notApart
      return refusing.some(({ term, domains }) => isIn(domains, term.topologyKey)) ? notWanted : undefined
    }
  },
  score: {
    weight: 2,
    scale: 'range',
    of({ pod }, snapshot) {
      const near = pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      const apart = pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      if (near.length === 0 && apart.length === 0) return undefined
      const weighed = [
        ...near.map(({ weight, podAffinityTerm }) => ({ weight, term: podAffinityTerm })),
        ...apart.map(({ weight, podAffinityTerm }) => ({ weight: -weight, term: podAffinityTerm })),
      ].map(({ weight, term }) => ({ weight, key: term.topologyKey, domains: domainsOf(term, pod, snapshot) }))
      return ({ node }) =>
        weighed.reduce((sum, { weight, key, domains }) => sum + weight * (domains.get(ownValue(node.metadata.labels, key) ?? '') ?? 0), 0)
    },
  },
})

const notNear = [{ reason: "node(s) didn't match pod affinity rules" }]
const notApart = [{ reason: "node(s) didn't match pod anti-affinity rules" }]
const notWanted = [{ reason: "node(s) didn't satisfy existing pods anti-affinity rules" }]

/** By the values of the term's label, how many pods run there that it means. */
const domainsOf = (term: PodAffinityTerm, owner: Pod, snapshot: Snapshot): ReadonlyMap<string, number> =>
  snapshot.domains(groupOf(term, owner, snapshot), term.topologyKey).counts

/** The held terms that mean this pod. */
const termsThatRefuse = (pod: Pod, snapshot: Snapshot): readonly HeldTerm[] =>
  [...snapshot.heldTerms()].filter(({ term, owner }) => meansPod(term, owner, pod, snapshot))
