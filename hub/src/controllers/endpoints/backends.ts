import type { Container, ContainerPort } from '@bramble/shared/types/container.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import type { EndpointPort } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { hasLabels } from '../../client/match-labels.ts'
import { isReady } from '../pod-state.ts'
import { canonicalJson } from '../canonical-json.ts'
import { type NodeOf, whyNotItsOwn } from './own-address.ts'

export type Family = 'IPv4' | 'IPv6'

/** One pod behind a Service, as both EndpointSlices and Endpoints need to know it. */
export type Backend = {
  readonly pod: Pod
  readonly family: Family
  readonly address: string
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly hostname: string | undefined
  /** The Service's ports as numbers of this pod; pods may give the same port name different numbers. */
  readonly ports: readonly EndpointPort[]
}

export const managesEndpoints = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && spec.selector !== undefined && Object.keys(spec.selector).length > 0

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None'

export const isSelected = ({ spec, metadata }: Service, pod: Pod): boolean =>
  metadata.namespace === pod.metadata.namespace && hasLabels(spec.selector ?? {}, pod.metadata.labels)

/**
 * The pods behind a Service, a pod once per address family that both have. An address that is not the pod's own is left out, and with
 * it nothing else.
 */
export function backendsOf(service: Service, pods: readonly Pod[], nodeOf: NodeOf = nobody): readonly Backend[] {
  const families: readonly Family[] = service.spec.ipFamilies ?? ['IPv4']
  const always = service.spec.publishNotReadyAddresses === true
  const portsOf = createPortsOf(service)
  return pods.flatMap((pod): Backend[] => {
    if (hasEnded(pod) || !isSelected(service, pod)) return []
    const serving = isReady(pod)
    const terminating = pod.metadata.deletionTimestamp !== undefined
    const named = pod.spec.hostname !== undefined && pod.spec.subdomain === service.metadata.name
    return families.flatMap((family): Backend[] => {
      const address = addressesOf(pod).find((ip) => ip.includes(':') === (family === 'IPv6'))
      if (address === undefined || whyNotItsOwn(pod, address, nodeOf) !== undefined) return []
      const hostname = named ? pod.spec.hostname : undefined
      const ready = always || (serving && !terminating)
      return [{ pod, family, address, ready, serving, terminating, hostname, ports: portsOf(pod) }]
    })
  })
}

/** The pods that would be behind the Service but for their address, each with the reason. */
export const refusedBackends = (service: Service, pods: readonly Pod[], nodeOf: NodeOf) =>
  pods.flatMap((pod): { readonly pod: Pod; readonly why: string }[] => {
    if (hasEnded(pod) || !isSelected(service, pod)) return []
    const [why] = addressesOf(pod).flatMap((address) => whyNotItsOwn(pod, address, nodeOf) ?? [])
    return why === undefined ? [] : [{ pod, why }]
  })

const nobody: NodeOf = () => undefined

export const addressesOf = ({ status }: Pod): readonly string[] => {
  const ips = (status?.podIPs ?? []).map(({ ip }) => ip).filter((ip) => ip !== '')
  return ips.length > 0 || status?.podIP === undefined || status.podIP === '' ? ips : [status.podIP]
}

/**
 * The Service's ports as numbers of a pod. Pods whose own ports are the same share one list: there may be thousands of ports and of pods,
 * and what is told apart is looked up once. A port whose name the pod does not have is left out for this pod.
 */
function createPortsOf({ spec: { ports = [] } }: Service): (pod: Pod) => readonly EndpointPort[] {
  const known = new Map<string, readonly EndpointPort[]>()
  const areNamed = ports.some(({ targetPort }) => typeof targetPort === 'string')
  return (pod) => {
    const numbers = areNamed ? namedPorts(pod) : new Map<string, number>()
    const key = JSON.stringify([...numbers])
    const shared = known.get(key)
    if (shared !== undefined) return shared
    const found = ports.flatMap(({ name, protocol, port, targetPort = port, appProtocol }): EndpointPort[] => {
      const number = typeof targetPort === 'number' ? targetPort || port : numberOf(numbers, targetPort, protocol)
      if (number === undefined) return []
      return [{ name: name ?? '', protocol, port: number, ...(appProtocol === undefined ? {} : { appProtocol }) }]
    })
    known.set(key, found)
    return found
  }
}

const numberOf = (numbers: ReadonlyMap<string, number>, name: string, protocol: ContainerPort['protocol']) =>
  /^\d+$/.test(name) ? Number(name) : numbers.get(`${protocol} ${name}`)

/** By protocol and name; of two of one name the first counts. */
function namedPorts({ spec }: Pod): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { name, protocol, containerPort } of [...spec.containers, ...sidecars].flatMap(({ ports = [] }: Container) => ports)) {
    const key = `${protocol} ${name ?? ''}`
    if (name !== undefined && !numbers.has(key)) numbers.set(key, containerPort)
  }
  return numbers
}

export const targetRefOf = ({ metadata: { namespace, name, uid } }: Pod) => ({
  kind: 'Pod',
  name,
  ...(namespace === undefined ? {} : { namespace }),
  ...(uid === undefined ? {} : { uid }),
})

/** What of a pod its endpoints are made from: a change elsewhere in it is none of theirs. */
export const endpointFacts = (pod: Pod): string =>
  canonicalJson([
    pod.metadata.labels,
    addressesOf(pod),
    isReady(pod),
    hasEnded(pod),
    pod.metadata.deletionTimestamp !== undefined,
    pod.spec.nodeName,
    pod.spec.hostname,
    pod.spec.subdomain,
  ])
