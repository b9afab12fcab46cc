import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { hasLabels } from '../client/match-labels.ts'
import { knownPlatforms } from './image-platforms.ts'
import { addResources, allocatableOf, amountsOf, requestsOf, subtractResources } from './resources.ts'
import type { ResourceAmounts } from './resources.ts'

export type HostPort = { readonly ip: string; readonly protocol: string; readonly port: number }

/** A pod with what scheduling asks of it, worked out once. */
export type PodInfo = {
  readonly pod: Pod
  readonly key: string
  readonly uid: string
  readonly priority: number
  readonly requests: ResourceAmounts
  readonly hostPorts: readonly HostPort[]
  readonly controllerUid: string | undefined
}

export type NodeInfo = {
  readonly name: string
  readonly node: Node
  readonly allocatable: ResourceAmounts
  /** What the pods on it have asked for. */
  readonly requested: ResourceAmounts
  readonly pods: ReadonlyMap<string, PodInfo>
}

/**
 * What the scheduler believes of the cluster. It changes with each event and with each pod that is assumed: placed by us and not yet
 * seen as placed by the API. A pod is counted on one node at most.
 */
export type Snapshot = {
  readonly nodes: () => Iterable<NodeInfo>
  readonly isAssumed: (uid: string) => boolean
  /** Platforms by canonical image name, as far as any node has told. */
  readonly imagePlatforms: () => ReadonlyMap<string, ReadonlySet<string>>
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined
  /** The selectors of the Services that a pod belongs to. */
  readonly serviceSelectorsOf: (pod: Pod) => readonly Readonly<Record<string, string>>[]
}

export type ClusterCache = Snapshot & {
  readonly putNode: (node: Node) => void
  readonly removeNode: (name: string) => void
  /** A pod that the API shows as bound; one that was assumed becomes certain. */
  readonly putPod: (info: PodInfo, nodeName: string) => void
  readonly removePod: (uid: string) => void
  readonly assume: (info: PodInfo, nodeName: string) => void
  /** Takes an assumption back; does nothing once the API has confirmed it. */
  readonly forget: (uid: string) => void
}

type Place = { node: Node | undefined; allocatable: ResourceAmounts; requested: ResourceAmounts; readonly pods: Map<string, PodInfo> }

export type ClusterCacheDeps = {
  readonly servicesIn: (namespace: string) => readonly Service[]
  readonly namespaceLabels: Snapshot['namespaceLabels']
}

export function createClusterCache({ servicesIn, namespaceLabels }: ClusterCacheDeps): ClusterCache {
  // A place without a node: pods bound to a node we have not seen yet, or no longer.
  const places = new Map<string, Place>()
  const nodeOf = new Map<string, string>()
  const assumed = new Set<string>()
  let infos: NodeInfo[] | undefined
  let platforms: ReturnType<typeof knownPlatforms> | undefined

  const placeOf = (name: string): Place => {
    const known = places.get(name)
    if (known !== undefined) return known
    const place: Place = { node: undefined, allocatable: amountsOf(), requested: amountsOf(), pods: new Map() }
    places.set(name, place)
    return place
  }
  const dropIfEmpty = (name: string, place: Place) => {
    if (place.node === undefined && place.pods.size === 0) places.delete(name)
  }
  const removePod = (uid: string) => {
    assumed.delete(uid)
    const name = nodeOf.get(uid)
    const place = name === undefined ? undefined : places.get(name)
    const info = place?.pods.get(uid)
    nodeOf.delete(uid)
    if (name === undefined || place === undefined || info === undefined) return
    place.pods.delete(uid)
    place.requested = subtractResources(place.requested, info.requests)
    infos = undefined
    dropIfEmpty(name, place)
  }
  const putPod = (info: PodInfo, nodeName: string) => {
    removePod(info.uid)
    const place = placeOf(nodeName)
    place.pods.set(info.uid, info)
    place.requested = addResources(place.requested, info.requests)
    nodeOf.set(info.uid, nodeName)
    infos = undefined
  }

  return {
    nodes() {
      infos ??= [...places].flatMap(([name, { node, allocatable, requested, pods }]) =>
        node === undefined ? [] : [{ name, node, allocatable, requested, pods }],
      )
      return infos
    },
    namespaceLabels,
    isAssumed: (uid) => assumed.has(uid),
    imagePlatforms: () => (platforms ??= knownPlatforms([...places.values()].flatMap(({ node }) => node ?? []))),
    serviceSelectorsOf: ({ metadata }) =>
      servicesIn(metadata.namespace ?? '').flatMap(({ spec: { selector } }) =>
        selector !== undefined && Object.keys(selector).length > 0 && hasLabels(selector, metadata.labels) ? [selector] : [],
      ),
    putNode(node) {
      const place = placeOf(node.metadata.name)
      platforms = undefined
      place.node = node
      place.allocatable = allocatableOf(node)
      infos = undefined
    },
    removeNode(name) {
      const place = places.get(name)
      if (place === undefined) return
      place.node = undefined
      platforms = undefined
      infos = undefined
      dropIfEmpty(name, place)
    },
    putPod,
    removePod,
    assume(info, nodeName) {
      putPod(info, nodeName)
      assumed.add(info.uid)
    },
    forget(uid) {
      if (assumed.has(uid)) removePod(uid)
    },
  }
}

export function podInfoOf(pod: Pod): PodInfo {
  const { metadata, spec } = pod
  return {
    pod,
    key: `${metadata.namespace ?? ''}/${metadata.name}`,
    uid: metadata.uid ?? '',
    priority: spec?.priority ?? 0,
    requests: requestsOf(pod),
    hostPorts: hostPortsOf(pod),
    controllerUid: metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid,
  }
}

/** A sidecar (an init container that restarts) keeps its ports as long as the pod lives; other init containers are not counted, as in Kubernetes. */
const hostPortsOf = ({ spec }: Pod): readonly HostPort[] =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')].flatMap(
    ({ ports = [] }) =>
      ports.flatMap(({ hostPort, hostIP, protocol }) =>
        hostPort === undefined || hostPort === 0 ? [] : [{ ip: hostIP ?? '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort }],
      ),
  )
