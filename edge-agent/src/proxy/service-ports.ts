import { createHash } from 'node:crypto'
import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { sourceRangesAnnotation } from '@bramble/shared/meta/source-ranges.ts'
import type { LocalPod, Protocol } from './local-pod.ts'
import { withinBudget } from './rule-budget.ts'
import { isUsableAddress, isUsablePort, isUsableProtocol, usableAddresses, usableNetworks, type Skip } from './usable.ts'

export type { LocalPod, Protocol }

export type Endpoint = { readonly ip: string; readonly port: number; readonly local: boolean }

/** One port of one Service with the endpoints that serve it now. */
export type ServicePort = {
  /** Unique, and legal as a part of a chain's name. */
  readonly id: string
  /** Of the Service, for people: `default/web`. */
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  readonly clusterIPs: readonly string[]
  readonly externalIPs: readonly string[]
  /** Addresses of a load balancer, which source ranges guard; further external IPs they do not. */
  readonly balancerIPs: readonly string[]
  readonly nodePort?: number
  /** Endpoints on any node; when none is ready, those that still serve while they terminate. */
  readonly endpoints: readonly Endpoint[]
  /** Who outside of the cluster may come in; absent: everybody, empty: nobody. */
  readonly sourceRanges?: readonly string[]
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
  readonly skip?: Skip
}

const quietly: Skip = () => {}

/** Joins Services with their slices. Services that are not ours to serve (headless, ExternalName, another proxy's, IPv6) are left out. */
export function servicePorts({ services, endpointSlices, localPods, node, skip = quietly }: ServicePortsInput): readonly ServicePort[] {
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

  const asking = services.filter(isServed).map((service) => {
    const { namespace, name } = service.metadata
    return { service, slices: slicesOf.get(`${namespace}/${name}`) ?? [] }
  })
  return withinBudget(asking, skip).flatMap(({ service, slices: whole }): ServicePort[] => {
    const { metadata, spec } = service
    const slices = whole.map((slice) => ({ slice, numbers: numbersOf(slice) }))
    const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer'
    const ingress = (service.status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip)
    const named = `${metadata.namespace}/${metadata.name}`
    const publishes = spec.publishNotReadyAddresses === true
    const sourceRanges = sourceRangesOf(service, skip)
    const clusterIPs = usableAddresses(spec.clusterIPs ?? [spec.clusterIP], `cluster IP of Service ${named}`, skip)
    const externalIPs = usableAddresses(spec.externalIPs ?? [], `external IP of Service ${named}`, skip)
    const balancerIPs = spec.type === 'LoadBalancer' ? usableAddresses(ingress, `load balancer IP of Service ${named}`, skip) : []
    return (spec.ports ?? []).flatMap((port): ServicePort[] => {
      const protocol = port.protocol ?? 'TCP'
      if (!isUsableProtocol(protocol) || !isUsablePort(port.port)) {
        skip(`port ${port.port} of Service ${named} is left out: it is no port`)
        return []
      }
      const candidates = slices.flatMap((slice) => candidatesOf(slice, port.name ?? '', { protocol, podsByUid, node, publishes, skip }))
      const affinitySeconds =
        spec.sessionAffinity === 'ClientIP' ? usableSeconds(spec.sessionAffinityConfig?.clientIP?.timeoutSeconds) : undefined
      return [
        {
          id: idOf(`${metadata.namespace}/${metadata.name}/${protocol.toLowerCase()}/${port.port}`),
          name: named,
          protocol,
          port: port.port,
          clusterIPs,
          externalIPs,
          balancerIPs: balancerIPs.filter((ip) => !externalIPs.includes(ip)),
          ...(external && isUsablePort(port.nodePort) && { nodePort: port.nodePort }),
          ...(sourceRanges !== undefined && { sourceRanges }),
          endpoints: choose(candidates),
          localEndpoints: choose(candidates.filter(({ local }) => local)),
          internalLocal: spec.internalTrafficPolicy === 'Local',
          externalLocal: spec.externalTrafficPolicy === 'Local',
          ...(affinitySeconds !== undefined && { affinitySeconds }),
        },
      ]
    })
  })
}

/** Kubernetes' bounds and default. */
const usableSeconds = (seconds: number | undefined): number =>
  seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400 ? seconds : 10_800

const isServed = ({ metadata, spec }: Service): boolean =>
  spec.type !== 'ExternalName' &&
  spec.clusterIP !== undefined &&
  spec.clusterIP !== '' &&
  spec.clusterIP !== 'None' &&
  metadata.labels?.['service.kubernetes.io/service-proxy-name'] === undefined

function sourceRangesOf({ metadata, spec }: Service, skip: Skip): readonly string[] | undefined {
  if (spec.type !== 'LoadBalancer') return undefined
  const field = spec.loadBalancerSourceRanges ?? []
  const ranges = field.length > 0 ? field : (metadata.annotations?.[sourceRangesAnnotation] ?? '').split(',')
  if (ranges.every((range) => range.trim() === '')) return undefined
  return usableNetworks(ranges, `source range of Service ${metadata.namespace}/${metadata.name}`, skip)
}

type Candidate = Endpoint & { readonly ready: boolean; readonly serving: boolean }

type Join = {
  readonly protocol: Protocol
  readonly podsByUid: ReadonlyMap<string, LocalPod>
  readonly node: string
  /** The Service wants its pods ready or not. */
  readonly publishes: boolean
  readonly skip: Skip
}

type PortNumbers = ReadonlyMap<string, number | null | undefined>

/** By protocol and name, each looked at once: a slice may have thousands. Of two of one name the first counts. */
function numbersOf({ ports = [] }: EndpointSlice): PortNumbers {
  const numbers = new Map<string, number | null | undefined>()
  for (const { name = '', protocol = 'TCP', port } of ports)
    if (!numbers.has(`${protocol} ${name}`)) numbers.set(`${protocol} ${name}`, port)
  return numbers
}

function candidatesOf(
  { slice, numbers }: { readonly slice: EndpointSlice; readonly numbers: PortNumbers },
  portName: string,
  { protocol, podsByUid, node, publishes, skip }: Join,
): Candidate[] {
  const port = numbers.get(`${protocol} ${portName}`)
  if (port === undefined || port === null) return []
  const { namespace, name, labels } = slice.metadata
  if (!isUsablePort(port)) {
    skip(`port ${port} of EndpointSlice ${namespace}/${name} is left out: it is no port`)
    return []
  }
  // A slice of another maker says what its maker means, also about a pod of ours.
  const maker = labels?.['endpointslice.kubernetes.io/managed-by'] ?? ourMaker
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions, nodeName, targetRef }): Candidate[] => {
    const terminating = conditions?.terminating === true
    const ready = conditions?.ready !== false // absent means ready
    const serving = conditions?.serving ?? ready
    const own = targetRef?.uid === undefined ? undefined : podsByUid.get(targetRef.uid)
    const pod = maker === ourMaker ? own : undefined
    const local = own !== undefined || nodeName === node
    const ip = pod?.ip ?? addresses[0]
    if (ip === undefined) return []
    if (!isUsableAddress(ip)) {
      skip(
        `endpoint ${JSON.stringify(ip.slice(0, 64))} of EndpointSlice ${namespace}/${name} is left out: it is no address to send anything to`,
      )
      return []
    }
    // What this node sees of its own pod comes before the slice, which is old while the hub is away. What the Service wants stays as it is.
    if (pod) return [{ ip, port, local, ready: publishes || (pod.ready && !terminating && pod.terminating !== true), serving: pod.ready }]
    return [{ ip, port, local, ready, serving: serving && terminating }]
  })
}

const ourMaker = 'endpointslice-controller.k8s.io'

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
