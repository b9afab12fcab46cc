import { createHash } from 'node:crypto'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'

export type Protocol = 'TCP' | 'UDP' | 'SCTP'

/** A pod of this node as the node itself sees it, which is newer than what any slice says while the hub is away. */
export type LocalPod = {
  readonly uid: string
  readonly ip?: string
  readonly ready: boolean
  /** It is being deleted: gets new connections only when nobody else is there, sooner than a slice can say so. */
  readonly terminating?: boolean
  readonly hostPorts: readonly {
    readonly protocol: Protocol
    readonly hostPort: number
    readonly containerPort: number
    readonly hostIP?: string
  }[]
}

export type Endpoint = { readonly ip: string; readonly port: number; readonly local: boolean }

/** One port of one Service with the endpoints that serve it now. */
export type ServicePort = {
  /** Unique, and legal as a part of a chain's name. */
  readonly id: string
  readonly protocol: Protocol
  readonly port: number
  readonly clusterIPs: readonly string[]
  readonly externalIPs: readonly string[]
  readonly nodePort?: number
  /** Endpoints on any node; when none is ready, those that still serve while they terminate. */
  readonly endpoints: readonly Endpoint[]
  /** The same choice among this node's endpoints. */
  readonly localEndpoints: readonly Endpoint[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly affinitySeconds?: number
}

export type ServicePortsInput = {
  readonly services: readonly Service[]
  readonly endpointSlices: readonly EndpointSlice[]
  readonly localPods: readonly LocalPod[]
  readonly node: string
}

/** Joins Services with their slices. Services that are not ours to serve (headless, ExternalName, another proxy's, IPv6) are left out. */
export function servicePorts({ services, endpointSlices, localPods, node }: ServicePortsInput): readonly ServicePort[] {
  const slicesOf = new Map<string, EndpointSlice[]>()
  for (const slice of endpointSlices) {
    const owner = slice.metadata.labels?.['kubernetes.io/service-name']
    if (owner === undefined || slice.addressType !== 'IPv4') continue
    const key = `${slice.metadata.namespace}/${owner}`
    const slices = slicesOf.get(key)
    if (slices) slices.push(slice)
    else slicesOf.set(key, [slice])
  }
  const podsByUid = new Map(localPods.map((pod) => [pod.uid, pod]))

  return services.filter(isServed).flatMap((service): ServicePort[] => {
    const { metadata, spec } = service
    const slices = slicesOf.get(`${metadata.namespace}/${metadata.name}`) ?? []
    const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    const ingress = (service.status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip)
    return (spec.ports ?? []).map((port): ServicePort => {
      const protocol = (port.protocol ?? 'TCP') as Protocol // the API server checks it
      const candidates = slices.flatMap((slice) => candidatesOf(slice, port.name ?? '', protocol, podsByUid, node))
      const affinitySeconds =
        spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined
      return {
        id: idOf(`${metadata.namespace}/${metadata.name}/${protocol.toLowerCase()}/${port.port}`),
        protocol,
        port: port.port,
        clusterIPs: ipv4(spec.clusterIPs ?? [spec.clusterIP]),
        externalIPs: ipv4([...(spec.externalIPs ?? []), ...(spec.type === 'LoadBalancer' ? ingress : [])]),
        ...(external && port.nodePort !== undefined && port.nodePort !== 0 && { nodePort: port.nodePort }),
        endpoints: choose(candidates),
        localEndpoints: choose(candidates.filter(({ local }) => local)),
        internalLocal: spec.internalTrafficPolicy === 'Local',
        externalLocal: spec.externalTrafficPolicy === 'Local',
        ...(affinitySeconds !== undefined && { affinitySeconds }),
      }
    })
  })
}

const isServed = ({ metadata, spec }: Service): boolean =>
  spec.type !== 'ExternalName' &&
  spec.clusterIP !== undefined &&
  spec.clusterIP !== '' &&
  spec.clusterIP !== 'None' &&
  metadata.labels?.['service.kubernetes.io/service-proxy-name'] === undefined

const ipv4 = (addresses: readonly (string | undefined)[]): string[] => [
  ...new Set(addresses.filter((ip): ip is string => ip !== undefined && /^\d+\.\d+\.\d+\.\d+$/.test(ip))),
]

type Candidate = Endpoint & { readonly ready: boolean; readonly serving: boolean }

function candidatesOf(
  slice: EndpointSlice,
  portName: string,
  protocol: Protocol,
  podsByUid: ReadonlyMap<string, LocalPod>,
  node: string,
): Candidate[] {
  const slicePort = (slice.ports ?? []).find((port) => (port.name ?? '') === portName && (port.protocol ?? 'TCP') === protocol)
  if (slicePort?.port === undefined || slicePort.port === null) return []
  const { port } = slicePort
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions, nodeName, targetRef }): Candidate[] => {
    const terminating = conditions?.terminating === true
    const ready = conditions?.ready !== false // absent means ready
    const serving = conditions?.serving ?? ready
    const pod = targetRef?.uid === undefined ? undefined : podsByUid.get(targetRef.uid)
    const local = pod !== undefined || nodeName === node
    const ip = pod?.ip ?? addresses[0]
    if (ip === undefined) return []
    // What this node sees of its own pod comes before the slice, which is old while the hub is away.
    if (pod) return [{ ip, port, local, ready: pod.ready && !terminating && pod.terminating !== true, serving: pod.ready }]
    return [{ ip, port, local, ready: ready && !terminating, serving: serving && terminating }]
  })
}

/** The ready ones; when there is none, those that still answer while they go away. */
function choose(candidates: readonly Candidate[]): Endpoint[] {
  const ready = candidates.filter((candidate) => candidate.ready)
  const chosen = ready.length > 0 ? ready : candidates.filter(({ serving }) => serving)
  const unique = new Map(chosen.map(({ ip, port, local }) => [`${ip}:${port}`, { ip, port, local }]))
  // In a fixed order, so that the same endpoints make the same rule.
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint)
}

/** A hash first, since names may be longer than a chain's may be. */
export const idOf = (name: string): string => `${createHash('sha256').update(name).digest('hex').slice(0, 10)}-${name.slice(0, 100)}`
