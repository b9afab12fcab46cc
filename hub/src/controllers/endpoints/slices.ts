import type { Endpoint, EndpointPort, EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { controllerRef } from '../claim.ts'
import { generateName } from '@bramble/shared/meta/generated-name.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { backendsOf, isHeadless, targetRefOf } from './backends.ts'
import type { Backend, Family } from './backends.ts'
import type { NodeOf } from './own-address.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const manager = 'endpointslice-controller.k8s.io'
/** Kubernetes' default. */
const endpointsPerSlice = 100

export type SliceChanges = {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/** The fewest writes that bring a Service's slices to its pods: an endpoint stays in the slice it is in. */
export function planSlices(
  service: Service,
  pods: readonly Pod[],
  seen: readonly EndpointSlice[],
  random: () => number,
  nodeOf?: NodeOf,
): SliceChanges {
  const groups = new Map<string, { readonly family: Family; readonly ports: readonly EndpointPort[]; readonly endpoints: Endpoint[] }>()
  const keyOf = createGroupKeys()
  for (const backend of backendsOf(service, pods, nodeOf)) {
    const key = keyOf(backend)
    const group = groups.get(key) ?? { family: backend.family, ports: backend.ports, endpoints: [] }
    group.endpoints.push(endpointOf(backend))
    groups.set(key, group)
  }
  const create: EndpointSlice[] = []
  const update: EndpointSlice[] = []
  const remove: EndpointSlice[] = []
  const left = new Set(seen)
  const seenByKey = new Map<string, EndpointSlice[]>()
  for (const slice of seen) push(seenByKey, groupKey(slice.addressType, slice.ports ?? []), slice)
  for (const [key, { family, ports, endpoints }] of groups) {
    const slices = seenByKey.get(key) ?? []
    for (const slice of slices) left.delete(slice)
    for (const { slice, wanted } of distribute(slices, endpoints)) {
      if (slice === undefined) create.push(newSlice(service, family, ports, wanted, random))
      else if (wanted.length === 0) remove.push(slice)
      else if (isStale(service, slice, wanted)) update.push(refreshed(service, slice, wanted))
    }
  }
  const spare = [...left]
  // A Service without a single endpoint keeps one empty slice: it says so, and saves a delete and a create when a pod comes and goes.
  if (groups.size === 0) {
    const kept = spare.shift()
    if (kept === undefined) create.push(newSlice(service, service.spec.ipFamilies?.[0] ?? 'IPv4', [], [], random))
    else if (isStale(service, kept, [])) update.push(refreshed(service, kept, []))
  }
  return { create, update, remove: [...remove, ...spare] }
}

const groupKey = (family: string, ports: readonly EndpointPort[]) => {
  const texts = ports.map(({ name = '', protocol, port, appProtocol }) => JSON.stringify([name, protocol, port, appProtocol]))
  return `${family} ${texts.sort().join()}`
}

/** Backends share their lists of ports, and each list may be long. */
function createGroupKeys() {
  const known = new Map<readonly EndpointPort[], Map<Family, string>>()
  return ({ family, ports }: Backend): string => {
    const ofPorts = known.get(ports) ?? new Map<Family, string>()
    known.set(ports, ofPorts)
    const key = ofPorts.get(family) ?? groupKey(family, ports)
    ofPorts.set(family, key)
    return key
  }
}

function push<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

type Share = { readonly slice: EndpointSlice | undefined; readonly wanted: Endpoint[] }

function distribute(slices: readonly EndpointSlice[], endpoints: readonly Endpoint[]): readonly Share[] {
  const missing = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]))
  const shares: Share[] = slices.map((slice) => {
    const wanted = (slice.endpoints ?? []).flatMap((endpoint) => {
      const identity = identityOf(endpoint)
      const found = missing.get(identity)
      missing.delete(identity)
      return found === undefined ? [] : [found]
    })
    return { slice, wanted }
  })
  // Slices that are written anyway take the new ones first, then those with most room.
  const isChanged = ({ slice, wanted }: Share) => !isSameJson(slice?.endpoints ?? [], wanted)
  const byPreference = [...shares].sort((a, b) => Number(isChanged(b)) - Number(isChanged(a)) || a.wanted.length - b.wanted.length)
  const news = [...missing.values()]
  for (const { wanted } of byPreference) wanted.push(...news.splice(0, Math.max(0, endpointsPerSlice - wanted.length)))
  while (news.length > 0) shares.push({ slice: undefined, wanted: news.splice(0, endpointsPerSlice) })
  return shares
}

const identityOf = ({ targetRef, addresses }: Endpoint) => `${targetRef?.uid ?? ''} ${addresses.join(' ')}`

const endpointOf = ({ pod, address, ready, serving, terminating, hostname }: Backend): Endpoint => ({
  addresses: [address],
  conditions: { ready, serving, terminating },
  targetRef: targetRefOf(pod),
  ...(hostname === undefined ? {} : { hostname }),
  ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
})

function labelsOf(service: Service): Record<string, string> {
  return {
    ...service.metadata.labels,
    [serviceNameLabel]: service.metadata.name,
    [managedByLabel]: manager,
    ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
  }
}

const isStale = (service: Service, slice: EndpointSlice, wanted: readonly Endpoint[]) =>
  !isSameJson(slice.endpoints ?? [], wanted) || !isSameJson(slice.metadata.labels ?? {}, labelsOf(service))

const refreshed = (service: Service, slice: EndpointSlice, endpoints: Endpoint[]): EndpointSlice => ({
  ...slice,
  metadata: { ...slice.metadata, labels: labelsOf(service) },
  endpoints,
})

function newSlice(
  service: Service,
  addressType: Family,
  ports: readonly EndpointPort[],
  endpoints: Endpoint[],
  random: () => number,
): EndpointSlice {
  const prefix = `${service.metadata.name}-`
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: generateName(prefix, random),
      generateName: prefix,
      ...(service.metadata.namespace === undefined ? {} : { namespace: service.metadata.namespace }),
      labels: labelsOf(service),
      ownerReferences: [controllerRef(service)],
    },
    addressType,
    endpoints,
    ports: [...ports],
  }
}
