import { ApiError, fieldInvalid, invalid } from '@bramble/shared/api/api-error.ts'
import { needsHealthCheck } from '@bramble/shared/kinds/rules/service.ts'
import { addressClaim, portClaim, type Service, services } from '@bramble/shared/kinds/service.ts'
import { type Cidr, addressAt, expectCidr, formatCidr, parseIpv4, sizeOf } from '@bramble/shared/meta/ip.ts'
import { ownerOf } from '../../objects/claims/claims.ts'
import { defineAdmission } from '../admission.ts'
import { drawNumber } from '../draw.ts'

/** The first addresses are for Services that ask for theirs by number: `kubernetes` has .1, DNS has .10. */
const reservedAddresses = 16

/**
 * Gives Services their cluster IPs and node ports: such as are free as far as this hub has heard. That nobody else has taken them
 * meanwhile is found where the Service is written (`claims.ts`), and then all of this is done again.
 */
export const serviceAddresses = defineAdmission('service-addresses', ({ registry, serviceCidr, nodePortRange, random }) => {
  const cidr = serviceNetwork(serviceCidr)
  // Neither the network's own address nor the broadcast address.
  const last = sizeOf(cidr) - 2
  const addresses = { from: Math.min(1 + reservedAddresses, last), to: last, random }
  return {
    kinds: [services],
    complete({ operation, object, previous, origin: { subresource }, name, namespace }) {
      if (operation === 'DELETE' || subresource !== undefined || object === undefined) return
      const service = object as Service // it is of that kind
      // What is wrong with it is told by the rules of the kind, all at once, and nothing is taken for it.
      if ((services.validate?.(service) ?? []).length > 0) return
      const before = previous as Service | undefined
      const key = registry.keyOf(services, namespace, name)
      const isFree = (claim: string) => [undefined, key].includes(ownerOf(registry.store, services, claim))
      assignAddress(service, before, { cidr, isFree, draw: (free) => drawNumber(addresses, free) })
      const ports: Ports = {
        ...{ range: nodePortRange, isFree, draw: (free) => drawNumber({ ...nodePortRange, random }, free) },
        mine: new Set(),
      }
      assignPorts(service, before, ports)
      assignHealthCheck(service, ports)
    },
  }
})

type Numbers = {
  /** Or has been ours before. */
  readonly isFree: (claim: string) => boolean
  readonly draw: (isFree: (number: number) => boolean) => number | undefined
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

function assignAddress(service: Service, before: Service | undefined, { cidr, isFree, draw }: Numbers & { readonly cidr: Cidr }): void {
  const { spec } = service
  if (spec.type === 'ExternalName') return
  const old = before?.spec.type === 'ExternalName' ? undefined : before?.spec.clusterIP
  const asked = firstGiven(spec.clusterIP, spec.clusterIPs?.[0], old)
  // The kind's checks refuse it in their words; until then nothing must be taken.
  if (old !== undefined && old !== '' && asked !== old) return
  if ((spec.clusterIPs?.length ?? 0) > 1)
    throw refused(service, 'spec.clusterIPs', spec.clusterIPs, 'only one address is served: IPv4, single stack')
  if (spec.ipFamilies?.some((family) => family !== 'IPv4') === true || spec.ipFamilyPolicy === 'RequireDualStack')
    throw refused(service, 'spec.ipFamilies', spec.ipFamilies ?? [], 'only IPv4, single stack, is served')

  let ip = asked
  if (ip === undefined) {
    const drawn = draw((index) => isFree(addressClaim(addressAt(cidr, index))))
    if (drawn === undefined)
      throw new ApiError(
        'InternalError',
        `Internal error occurred: failed to allocate a serviceIP: range is full: all addresses of the service network are in use`,
      )
    ip = addressAt(cidr, drawn)
  } else if (ip !== 'None' && ip !== old) {
    const index = indexOf(cidr, ip)
    if (index === undefined)
      throw refused(
        service,
        'spec.clusterIPs',
        [ip],
        `failed to allocate IP ${ip}: the provided IP is not in the valid range. The range of valid IPs is ${formatCidr(cidr)}`,
      )
    if (!isFree(addressClaim(ip)))
      throw refused(service, 'spec.clusterIPs', [ip], `failed to allocate IP ${ip}: provided IP is already allocated`)
  }
  spec.clusterIP = ip
  spec.clusterIPs = [ip]
  spec.ipFamilies = ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
}

const firstGiven = (...values: readonly (string | undefined)[]) => values.find((value) => value !== undefined && value !== '')

type Ports = Numbers & {
  readonly range: { readonly from: number; readonly to: number }
  /** What this Service has got so far. */
  readonly mine: Set<number>
}

function assignPorts(service: Service, before: Service | undefined, numbers: Ports): void {
  const { range, isFree, draw, mine } = numbers
  const { spec } = service
  const wantsPorts = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
  const isUnused = (number: number) => !mine.has(number) && isFree(portClaim(number))
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!wantsPorts) {
      // One that was given for the type before goes with it; one that is asked for now is told to be wrong by the kind's checks.
      if (before !== undefined && before.spec.type !== spec.type) delete port.nodePort
      continue
    }
    const same = before?.spec.ports?.find((old) => old.port === port.port && old.protocol === port.protocol)
    if ((port.nodePort ?? 0) === 0 && same?.nodePort !== undefined) port.nodePort = same.nodePort
    // One number serves one port for all its protocols.
    const twin = (spec.ports ?? []).find((other) => other !== port && other.port === port.port && (other.nodePort ?? 0) !== 0)
    if ((port.nodePort ?? 0) === 0) {
      const shared = twin?.nodePort !== undefined && isFree(portClaim(twin.nodePort)) ? twin.nodePort : undefined
      port.nodePort = shared ?? drawn(draw, isUnused, 'a nodePort')
    } else {
      const number = port.nodePort ?? 0
      const field = `spec.ports[${index}].nodePort`
      if (number < range.from || number > range.to) throw refused(service, field, number, outside(range))
      const isShared = twin?.nodePort === number || before?.spec.ports?.some((old) => old.nodePort === number) === true
      if (isShared ? !isFree(portClaim(number)) : !isUnused(number))
        throw refused(service, field, number, 'provided port is already allocated')
    }
    mine.add(port.nodePort ?? 0)
  }
}

function assignHealthCheck({ spec }: Service, { range, isFree, draw, mine }: Ports): void {
  if (!needsHealthCheck(spec)) return
  const isUnused = (number: number) => !mine.has(number) && isFree(portClaim(number))
  const { healthCheckNodePort: asked = 0 } = spec
  if (asked === 0) spec.healthCheckNodePort = drawn(draw, isUnused, 'a HealthCheck NodePort 0')
  else if (asked < range.from || asked > range.to || !isUnused(asked)) {
    const why = asked < range.from || asked > range.to ? outside(range) : 'provided port is already allocated'
    throw new ApiError('InternalError', `Internal error occurred: failed to allocate requested HealthCheck NodePort ${asked}: ${why}`)
  }
}

const outside = ({ from, to }: Ports['range']) => `provided port is not in the valid range. The range of valid ports is ${from}-${to}`

function drawn(draw: Numbers['draw'], isUnused: (number: number) => boolean, what: string): number {
  const number = draw(isUnused)
  if (number === undefined) throw new ApiError('InternalError', `Internal error occurred: failed to allocate ${what}: range is full`)
  return number
}

const refused = ({ metadata }: Service, field: string, value: unknown, detail: string) =>
  invalid(services, metadata.name, [fieldInvalid(field, value, detail)])
