import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { ownValue } from '@bramble/shared/json/own.ts'
import { hasLabels } from '../../client/match-labels.ts'
import type { DomainCounts } from './domains.ts'
import { HeldTerms } from '../pods/held-terms.ts'
import type { HeldTerm } from '../pods/held-terms.ts'
import { KnownImages } from './known-images.ts'
import { KnownPlatforms } from './known-platforms.ts'
import { nodeFactsOf } from './node-facts.ts'
import type { NodeFacts } from './node-facts.ts'
import { PodGroups } from '../pods/pod-groups.ts'
import type { CountsByNode } from './counts.ts'
import type { Layout, PodGroup } from '../pods/pod-groups.ts'
import { isSameToScheduling, podInfoOf } from '../pods/pod-info.ts'
import type { PodInfo } from '../pods/pod-info.ts'
import { nodeAmountsOf } from './resources.ts'
import type { ResourceAmounts } from './resources.ts'

export type NodeInfo = NodeFacts & {
  readonly name: string
  /** What the pods on it have asked for. */
  readonly requested: ResourceAmounts
  readonly pods: ReadonlyMap<string, PodInfo>
  /** Those of its pods that hold ports of the node. */
  readonly portHolders: ReadonlySet<PodInfo>
}

/**
 * What the scheduler believes of the cluster. It changes with each event and with each pod that is assumed: placed by us and not yet
 * seen as placed by the API. A pod is counted on one node at most. Everything in it is kept up by what has changed: nothing that is
 * asked for one pod walks over all pods.
 */
export type Snapshot = {
  readonly nodes: () => readonly NodeInfo[]
  /** Nothing for a node that is not known. */
  readonly nodeOf: (name: string) => NodeInfo | undefined
  readonly isAssumed: (uid: string) => boolean
  /** The architectures an image was built for, as far as any node has told. */
  readonly architecturesOf: (image: string) => ReadonlySet<string> | undefined
  /** The bytes of an image on each node that holds it; undefined when none does. */
  readonly holdersOf: (image: string) => ReadonlyMap<string, number> | undefined
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined
  /** The selectors of the Services that a pod belongs to. */
  readonly serviceSelectorsOf: (pod: Pod) => readonly Readonly<Record<string, string>>[]
  readonly counts: (group: PodGroup) => CountsByNode
  /** The same by the values of a label of the nodes: of all nodes, or of those that are laid out. */
  readonly domains: (group: PodGroup, topologyKey: string, among?: Among) => DomainCounts
  /** Which pods placed ones do not want near them, and where those are. */
  readonly heldTerms: () => Iterable<HeldTerm>
}

/** Some of the nodes; `key` says everything of the pod on which that depends. Their domains count also where no pod is. */
export type Among = { readonly key: string; readonly has: (node: NodeInfo) => boolean }

export type ClusterCache = Snapshot & {
  readonly putNode: (node: Node) => void
  readonly removeNode: (name: string) => void
  /** A pod that the API shows as bound; one that was assumed becomes certain. */
  readonly putPod: (pod: Pod, nodeName: string) => void
  readonly removePod: (uid: string) => void
  readonly assume: (info: PodInfo, nodeName: string) => void
  /** Takes an assumption back; does nothing once the API has confirmed it. */
  readonly forget: (uid: string) => void
  /** The labels of a namespace are others than before. */
  readonly namespacesChanged: () => void
}

/** A place without facts: pods bound to a node we have not seen yet, or no longer. */
type Place = {
  readonly name: string
  requested: Record<string, number>
  readonly pods: Map<string, PodInfo>
  readonly portHolders: Set<PodInfo>
}

export type ClusterCacheDeps = {
  readonly servicesIn: (namespace: string) => readonly Service[]
  readonly namespaceLabels: Snapshot['namespaceLabels']
}

export function createClusterCache({ servicesIn, namespaceLabels }: ClusterCacheDeps): ClusterCache {
  const places = new Map<string, Place>()
  const infos = new Map<string, NodeInfo>()
  /** The same in the order in which they came, made when asked for after nodes came or went. */
  let list: readonly NodeInfo[] | undefined
  const nodeOf = new Map<string, string>()
  const podsIn = new Map<string, Map<string, PodInfo>>()
  const assumed = new Set<string>()
  const platforms = new KnownPlatforms()
  const images = new KnownImages()
  const labelOf = (name: string, key: string) => ownValue(infos.get(name)?.node.metadata.labels, key)
  const terms = new HeldTerms((key) => (name) => labelOf(name, key))

  function* placed(namespace: string | undefined): Generator<readonly [PodInfo, string]> {
    const spaces = namespace === undefined ? podsIn.values() : [podsIn.get(namespace) ?? new Map<string, PodInfo>()]
    for (const pods of spaces) for (const [uid, info] of pods) yield [info, nodeOf.get(uid) ?? '']
  }
  const groups = new PodGroups(placed)
  const nodesMoved = () => {
    list = undefined
    groups.nodesChanged()
    terms.nodesChanged()
  }

  const placeOf = (name: string): Place => {
    const known = places.get(name)
    if (known !== undefined) return known
    const place: Place = { name, requested: nodeAmountsOf(), pods: new Map(), portHolders: new Set() }
    places.set(name, place)
    return place
  }
  const dropIfEmpty = ({ name, pods }: Place) => {
    if (pods.size === 0 && !infos.has(name)) places.delete(name)
  }
  /** What a pod means for the counts of its place: by 1 when it comes, by -1 when it goes. */
  const count = (info: PodInfo, place: Place, by: 1 | -1) => {
    for (const [resource, amount] of Object.entries(info.requests))
      place.requested[resource] = (place.requested[resource] ?? 0) + by * amount
    groups.moved(info, place.name, by)
    terms.moved(info, place.name, by)
  }
  const removePod = (uid: string) => {
    assumed.delete(uid)
    const place = places.get(nodeOf.get(uid) ?? '')
    const info = place?.pods.get(uid)
    nodeOf.delete(uid)
    if (place === undefined || info === undefined) return
    place.pods.delete(uid)
    place.portHolders.delete(info)
    const space = podsIn.get(info.namespace)
    space?.delete(uid)
    if (space?.size === 0) podsIn.delete(info.namespace)
    count(info, place, -1)
    dropIfEmpty(place)
  }
  const enter = (info: PodInfo, nodeName: string) => {
    removePod(info.uid)
    const place = placeOf(nodeName)
    place.pods.set(info.uid, info)
    if (info.hostPorts.length > 0) place.portHolders.add(info)
    const space = podsIn.get(info.namespace) ?? new Map<string, PodInfo>()
    podsIn.set(info.namespace, space.set(info.uid, info))
    nodeOf.set(info.uid, nodeName)
    count(info, place, 1)
  }

  const layoutOf = (topologyKey: string, among: Among | undefined): Layout => ({
    key: JSON.stringify([topologyKey, among?.key ?? null]),
    domainOf(name) {
      const info = infos.get(name)
      return info === undefined || among?.has(info) === false ? undefined : labelOf(name, topologyKey)
    },
    nodes: () => (among === undefined ? [] : infos.keys()),
  })

  return {
    nodes: () => (list ??= [...infos.values()]),
    nodeOf: (name) => infos.get(name),
    namespaceLabels,
    isAssumed: (uid) => assumed.has(uid),
    architecturesOf: (image) => platforms.of(image),
    holdersOf: (image) => images.holdersOf(image),
    serviceSelectorsOf: ({ metadata }) =>
      servicesIn(metadata.namespace ?? '').flatMap(({ spec: { selector } }) =>
        selector !== undefined && Object.keys(selector).length > 0 && hasLabels(selector, metadata.labels) ? [selector] : [],
      ),
    counts: (group) => groups.counts(group),
    domains: (group, topologyKey, among) => groups.domains(group, layoutOf(topologyKey, among)),
    heldTerms: () => terms.all(),
    putNode(node) {
      const { name } = node.metadata
      const { pods, portHolders, requested } = placeOf(name)
      const before = infos.get(name)?.node
      // The same object for as long as the place is there: its counts are changed in place.
      infos.set(name, { name, pods, portHolders, requested, ...nodeFactsOf(node) })
      platforms.put(node)
      images.put(node)
      list = undefined
      if (before === undefined || isElsewhere(before, node)) nodesMoved()
    },
    removeNode(name) {
      const place = places.get(name)
      if (!infos.delete(name) || place === undefined) return
      platforms.remove(name)
      images.remove(name)
      nodesMoved()
      dropIfEmpty(place)
    },
    putPod(pod, nodeName) {
      const uid = pod.metadata.uid ?? ''
      assumed.delete(uid)
      const known = nodeOf.get(uid) === nodeName ? places.get(nodeName)?.pods.get(uid) : undefined
      if (known !== undefined && isSameToScheduling(known.pod, pod)) known.pod = pod
      else enter(podInfoOf(pod), nodeName)
    },
    removePod,
    assume(info, nodeName) {
      enter(info, nodeName)
      assumed.add(info.uid)
    },
    forget(uid) {
      if (assumed.has(uid)) removePod(uid)
    },
    namespacesChanged: () => groups.namespacesChanged(),
  }
}

/** What pods choose nodes and their domains by is another than before. */
const isElsewhere = (a: Node, b: Node): boolean => placeKey(a) !== placeKey(b)
const placeKey = ({ metadata, spec }: Node): string => JSON.stringify([metadata.labels ?? {}, spec?.taints ?? []])
