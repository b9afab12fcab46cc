import { ApiError, fieldInvalid, invalid } from '@bramble/shared/api-error.ts'
import { type Service, services } from '@bramble/shared/kinds/service.ts'
import type { Log } from '@bramble/shared/log.ts'
import { type Cidr, addressAt, expectCidr, formatCidr, parseIpv4, sizeOf } from '@bramble/shared/meta/ip.ts'
import type { Registry } from '../registry.ts'
import { createSkipping } from '../skipping.ts'
import { createPool, type Pool } from './pool.ts'
import { type AdmissionPlugin, type Reservation, reservationOf } from './admission.ts'

export type ServiceAddressesDeps = {
  readonly log: Log
  readonly registry: Registry
  readonly serviceCidr: string
  readonly nodePortRange: { readonly from: number; readonly to: number }
  readonly random: () => number
}

/** The first addresses are for Services that ask for theirs by number: `kubernetes` has .1, DNS has .10. */
const reservedAddresses = 16

/**
 * Gives Services their cluster IPs and node ports. What is stored is known from a watch, which hears of a write before the write is
 * over, and what is being stored from claims that last as long as their write: no two Services ever get the same.
 */
export function createServiceAddresses({ registry, log, serviceCidr, nodePortRange, random }: ServiceAddressesDeps) {
  const cidr = serviceNetwork(serviceCidr)
  // Neither the network's own address nor the broadcast address.
  const addresses = createPool({ from: 1, to: sizeOf(cidr) - 2, firstDrawn: Math.min(1 + reservedAddresses, sizeOf(cidr) - 2), random })
  const ports = createPool({ ...nodePortRange, firstDrawn: nodePortRange.from, random })

  const indexesOf = ({ spec }: Service): readonly number[] =>
    (spec.clusterIPs ?? []).map((ip) => indexOf(cidr, ip)).filter((index): index is number => index !== undefined)
  const portsOf = ({ spec }: Service): readonly string[] =>
    (spec.ports ?? []).flatMap(({ nodePort = 0, protocol }) => (nodePort === 0 ? [] : [`${protocol}/${nodePort}`]))

  const hold = (service: Service) => {
    const owner = service.metadata.uid ?? ''
    for (const index of indexesOf(service)) addresses.hold(String(index), owner)
    for (const port of portsOf(service)) ports.hold(port, owner)
  }
  const release = (service: Service, kept?: Service) => {
    const owner = service.metadata.uid ?? ''
    const keptIndexes = new Set(kept === undefined ? [] : indexesOf(kept))
    const keptPorts = new Set(kept === undefined ? [] : portsOf(kept))
    for (const index of indexesOf(service)) if (!keptIndexes.has(index)) addresses.release(String(index), owner)
    for (const port of portsOf(service)) if (!keptPorts.has(port)) ports.release(port, owner)
  }

  const { store } = registry
  const prefix = registry.prefixOf(services)
  const listing = store.list(prefix)
  const skipping = createSkipping(log)
  for (const entry of listing.entries) skipping(entry, () => hold(registry.objectOf(services, entry)))
  const watch = store.watch(prefix, listing.revision, (events) => {
    for (const { type, entry, previous } of events) {
      const next = type === 'put' ? registry.objectOf(services, entry) : undefined
      if (next !== undefined) skipping(entry, () => hold(next))
      if (previous !== undefined) skipping(previous, () => release(registry.objectOf(services, previous), next))
    }
  })

  const plugin: AdmissionPlugin = {
    name: 'service-addresses',
    admit({ operation, kind, object, previous, subresource }) {
      if (kind !== services || operation === 'DELETE' || subresource !== undefined || object === undefined) return
      const service = object as Service // it is of that kind
      const before = previous as Service | undefined
      const taken: Reservation[] = []
      const reservation = reservationOf(taken)
      try {
        assignAddress(service, before, { cidr, addresses, taken })
        assignPorts(service, before, { ports, range: nodePortRange, taken })
      } catch (refusal) {
        reservation[Symbol.dispose]()
        throw refusal
      }
      return reservation
    },
  }
  return { plugin, close: () => watch.close() }
}

function serviceNetwork(text: string): Cidr {
  const cidr = expectCidr(text)
  if (cidr.bits < 8 || cidr.bits > 29) throw new Error(`${text} is no network for Services, such as 10.43.0.0/16 (from /8 to /29)`)
  return cidr
}

/** The place of an address in its network, without the network's own address and the broadcast address. */
function indexOf(cidr: Cidr, ip: string): number | undefined {
  const index = (parseIpv4(ip) ?? Number.NaN) - cidr.base
  return index >= 1 && index <= sizeOf(cidr) - 2 ? index : undefined
}

type AddressContext = { readonly cidr: Cidr; readonly addresses: Pool; readonly taken: Reservation[] }

function assignAddress(service: Service, before: Service | undefined, { cidr, addresses, taken }: AddressContext): void {
  const { spec, metadata } = service
  if (spec.type === 'ExternalName') {
    delete spec.clusterIP
    delete spec.clusterIPs
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
    return
  }
  const owner = metadata.uid ?? ''
  const old = before?.spec.type === 'ExternalName' ? undefined : before?.spec.clusterIP
  const asked = firstGiven(spec.clusterIP, spec.clusterIPs?.[0], old)
  if (spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIPs?.[0] !== undefined && spec.clusterIPs[0] !== spec.clusterIP)
    throw refused(service, 'spec.clusterIPs[0]', spec.clusterIPs[0], 'first element must match `clusterIP`')
  // The kind's checks refuse it in their words; until then nothing must be taken.
  if (old !== undefined && old !== '' && asked !== old) return
  if ((spec.clusterIPs?.length ?? 0) > 1)
    throw refused(service, 'spec.clusterIPs', spec.clusterIPs, 'only one address is served: IPv4, single stack')
  if (spec.ipFamilies?.some((family) => family !== 'IPv4') === true || spec.ipFamilyPolicy === 'RequireDualStack')
    throw refused(service, 'spec.ipFamilies', spec.ipFamilies ?? [], 'only IPv4, single stack, is served')

  let ip = asked
  if (ip === undefined) {
    const drawn = addresses.draw(owner, String)
    if (drawn === undefined)
      throw new ApiError('InternalError', `failed to allocate a serviceIP: range is full: all addresses of the service network are in use`)
    taken.push(drawn)
    ip = addressAt(cidr, drawn.number)
  } else if (ip !== 'None' && ip !== old) {
    const index = indexOf(cidr, ip)
    if (index === undefined)
      throw refused(
        service,
        'spec.clusterIPs',
        [ip],
        `failed to allocate IP ${ip}: the provided IP is not in the valid range. The range of valid IPs is ${formatCidr(cidr)}`,
      )
    const claimed = addresses.claim(String(index), owner)
    if (claimed === undefined)
      throw refused(service, 'spec.clusterIPs', [ip], `failed to allocate IP ${ip}: provided IP is already allocated`)
    taken.push(claimed)
  }
  spec.clusterIP = ip
  spec.clusterIPs = [ip]
  spec.ipFamilies = ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
}

const firstGiven = (...values: readonly (string | undefined)[]) => values.find((value) => value !== undefined && value !== '')

type PortContext = { readonly ports: Pool; readonly range: { readonly from: number; readonly to: number }; readonly taken: Reservation[] }

function assignPorts(service: Service, before: Service | undefined, { ports, range, taken }: PortContext): void {
  const { spec, metadata } = service
  const wantsPorts = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  const owner = metadata.uid ?? ''
  const mine = new Set<string>()
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!wantsPorts) {
      // One that was given for the type before goes with it; one that is asked for now is told to be wrong by the kind's checks.
      if (before !== undefined && before.spec.type !== spec.type) delete port.nodePort
      continue
    }
    const same = before?.spec.ports?.find((old) => old.port === port.port && old.protocol === port.protocol)
    if ((port.nodePort ?? 0) === 0 && same?.nodePort !== undefined) port.nodePort = same.nodePort
    if ((port.nodePort ?? 0) === 0) {
      const twin = (spec.ports ?? []).find((other) => other !== port && other.port === port.port && (other.nodePort ?? 0) !== 0)
      const shared = twin?.nodePort === undefined ? undefined : ports.claim(`${port.protocol}/${twin.nodePort}`, owner)
      const drawn = shared ?? ports.draw(owner, (number) => `${port.protocol}/${number}`)
      if (drawn === undefined) throw new ApiError('InternalError', 'failed to allocate a nodePort: range is full')
      taken.push(drawn)
      port.nodePort = Number(drawn.key.slice(port.protocol.length + 1))
    } else {
      const number = port.nodePort ?? 0
      if (number < range.from || number > range.to)
        throw refused(
          service,
          `spec.ports[${index}].nodePort`,
          number,
          `provided port is not in the valid range. The range of valid ports is ${range.from}-${range.to}`,
        )
      const key = `${port.protocol}/${number}`
      const claimed = mine.has(key) ? undefined : ports.claim(key, owner)
      if (claimed === undefined) throw refused(service, `spec.ports[${index}].nodePort`, number, 'provided port is already allocated')
      taken.push(claimed)
    }
    mine.add(`${port.protocol}/${port.nodePort}`)
  }
}

const refused = ({ metadata }: Service, field: string, value: unknown, detail: string) =>
  invalid(services, metadata.name, [fieldInvalid(field, value, detail)])
