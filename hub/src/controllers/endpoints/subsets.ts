import type { EndpointAddress, EndpointSubset } from '@bramble/shared/kinds/endpoints.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import { canonicalJson } from '../canonical-json.ts'
import { backendsOf, targetRefOf } from './backends.ts'
import type { Backend } from './backends.ts'
import type { NodeOf } from './own-address.ts'

/** Kubernetes' limit of one Endpoints object; beyond it the oldest API simply does not tell of the rest. */
const maxAddresses = 1_000

export type Subsets = { readonly subsets: readonly EndpointSubset[]; readonly isTruncated: boolean }

/** The Service's pods as the older Endpoints API groups them: by ports, ready apart from not ready, in a stable order. */
export function subsetsOf(service: Service, pods: readonly Pod[], nodeOf?: NodeOf): Subsets {
  const all = backendsOf(service, pods, nodeOf)
    .filter(
      ({ terminating, family }) => (!terminating || service.spec.publishNotReadyAddresses === true) && family === firstFamily(service),
    )
    .sort((a, b) => Number(b.ready) - Number(a.ready) || (a.address < b.address ? -1 : a.address > b.address ? 1 : 0))
  const groups = new Map<string, Backend[]>()
  const keys = new Map<Backend['ports'], string>()
  for (const backend of all.slice(0, maxAddresses)) {
    // Backends share their lists of ports, and each may be long.
    const key = keys.get(backend.ports) ?? canonicalJson(backend.ports)
    keys.set(backend.ports, key)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [backend])
    else group.push(backend)
  }
  const subsets = [...groups.keys()].sort().map((key) => subsetOf(groups.get(key) ?? []))
  return { subsets, isTruncated: all.length > maxAddresses }
}

const firstFamily = ({ spec }: Service) => spec.ipFamilies?.[0] ?? 'IPv4'

function subsetOf(backends: readonly Backend[]): EndpointSubset {
  const ready = backends.filter((backend) => backend.ready).map(addressOf)
  const notReady = backends.filter((backend) => !backend.ready).map(addressOf)
  const ports = (backends[0]?.ports ?? []).map(({ name, port, protocol, appProtocol }) => ({
    ...(name === undefined || name === '' ? {} : { name }),
    port: port ?? 0,
    ...(protocol === undefined ? {} : { protocol }),
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }))
  return {
    ...(ready.length === 0 ? {} : { addresses: ready }),
    ...(notReady.length === 0 ? {} : { notReadyAddresses: notReady }),
    ...(ports.length === 0 ? {} : { ports }),
  }
}

const addressOf = ({ pod, address, hostname }: Backend): EndpointAddress => ({
  ip: address,
  ...(hostname === undefined ? {} : { hostname }),
  ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
  targetRef: targetRefOf(pod),
})
