import { ownValue } from '@bramble/shared/own.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodAffinityTerm } from '@bramble/shared/types/affinity.ts'
import { defineSchedulerPlugin } from '../framework.ts'
import { meansPod } from '../pod-terms.ts'
import type { Snapshot } from '../snapshot.ts'

/** Pods that want to be near others or apart from them, in the sense of a label that nodes share (a host, a room, a rack). */
export const interPodAffinity = defineSchedulerPlugin({
  name: 'InterPodAffinity',
  order: 90,
  unblockedBy: ['node-added', 'node-labels', 'pod-gone', 'pod-placed', 'pod-labels'],
  prepare({ pod }, snapshot) {
    const near = pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const apart = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const nearDomains = near.map((term) => domainsOf(term, pod, snapshot))
    const apartDomains = apart.map((term) => domainsOf(term, pod, snapshot))
    const refusing = domainsThatRefuse(pod, snapshot)
    if (near.length === 0 && apart.length === 0 && refusing.size === 0) return undefined
    // The first of a group that wants to be together has nobody to be near to yet.
    const isFirst = nearDomains.every((domains) => domains.size === 0) && near.every((term) => meansPod(term, pod, pod, snapshot))

    return ({ node }) => {
      const valueOf = (key: string) => ownValue(node.metadata.labels, key)
      const isNear = near.every(({ topologyKey }, i) => {
        const value = valueOf(topologyKey)
        return value !== undefined && (isFirst || nearDomains[i]?.has(value) === true)
      })
      if (!isNear) return [{ reason: "node(s) didn't match pod affinity rules" }]
      if (apart.some(({ topologyKey }, i) => apartDomains[i]?.has(valueOf(topologyKey) ?? '') === true))
        return [{ reason: "node(s) didn't match pod anti-affinity rules" }]
      for (const [topologyKey, values] of refusing)
        if (values.has(valueOf(topologyKey) ?? '')) return [{ reason: "node(s) didn't satisfy existing pods anti-affinity rules" }]
      return undefined
    }
  },
  score: {
    weight: 2,
    scale: 'range',
    prepare({ pod }, snapshot) {
      const near = pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      const apart = pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      const weights = new Map<string, Map<string, number>>()
      for (const { weight, podAffinityTerm } of near) addWeight(weights, podAffinityTerm, weight, pod, snapshot)
      for (const { weight, podAffinityTerm } of apart) addWeight(weights, podAffinityTerm, -weight, pod, snapshot)
      return ({ node }) => {
        let sum = 0
        for (const [key, ofValues] of weights) sum += ofValues.get(ownValue(node.metadata.labels, key) ?? '') ?? 0
        return sum
      }
    },
  },
})

/** The values of the term's label in which a pod that it means runs. */
function domainsOf(term: PodAffinityTerm, owner: Pod, snapshot: Snapshot): ReadonlySet<string> {
  const domains = new Set<string>()
  for (const { node, pods } of snapshot.nodes()) {
    const value = ownValue(node.metadata.labels, term.topologyKey)
    if (value === undefined || domains.has(value)) continue
    for (const other of pods.values()) {
      if (!meansPod(term, owner, other.pod, snapshot)) continue
      domains.add(value)
      break
    }
  }
  return domains
}

/** By label, the values in which a pod runs that does not want this one near it. */
function domainsThatRefuse(pod: Pod, snapshot: Snapshot): ReadonlyMap<string, ReadonlySet<string>> {
  const refusing = new Map<string, Set<string>>()
  for (const { node, pods } of snapshot.nodes()) {
    for (const other of pods.values()) {
      for (const term of other.pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
        const value = ownValue(node.metadata.labels, term.topologyKey)
        if (value === undefined || !meansPod(term, other.pod, pod, snapshot)) continue
        const values = refusing.get(term.topologyKey) ?? new Set<string>()
        refusing.set(term.topologyKey, values.add(value))
      }
    }
  }
  return refusing
}

/** Adds the term's weight for each pod that it means, to the value of the label in which that pod runs. */
function addWeight(weights: Map<string, Map<string, number>>, term: PodAffinityTerm, weight: number, owner: Pod, snapshot: Snapshot): void {
  const ofValues = weights.get(term.topologyKey) ?? new Map<string, number>()
  weights.set(term.topologyKey, ofValues)
  for (const { node, pods } of snapshot.nodes()) {
    const value = ownValue(node.metadata.labels, term.topologyKey)
    if (value === undefined) continue
    for (const other of pods.values())
      if (meansPod(term, owner, other.pod, snapshot)) ofValues.set(value, (ofValues.get(value) ?? 0) + weight)
  }
}
