import { exactJson } from '../../json/exact-json.ts'
import { type FieldError, fieldDuplicate, fieldInvalid } from '../../api/api-error.ts'
import { checkCidr, formatCidr, parseCidr } from '../../meta/ip.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import type { NodeSpec } from '../../types/node-spec.ts'
import type { NodeStatus } from '../../types/node-status.ts'
import { checked, duplicatesOf, fieldTooLong, fieldTooMany } from './field-errors.ts'

/** One network of each family, written the one way that everybody reads alike. */
export function validatePodCidrs(spec: NodeSpec | undefined): FieldError[] {
  const { podCIDR, podCIDRs = [] } = spec ?? {}
  const families = podCIDRs.map((text) => text.includes(':'))
  return [
    ...podCIDRs.flatMap((text, i) => validatePodCidr(text, `spec.podCIDRs[${i}]`)),
    ...(podCIDRs.length > 1 && (podCIDRs.length > 2 || families[0] === families[1])
      ? [fieldInvalid('spec.podCIDRs', podCIDRs, 'may specify no more than one CIDR for each IP family')]
      : []),
    ...(podCIDR !== undefined && podCIDR !== (podCIDRs[0] ?? '')
      ? [fieldInvalid('spec.podCIDR', podCIDR, 'must be the first of podCIDRs')]
      : []),
  ]
}

function validatePodCidr(text: string, field: string): FieldError[] {
  const complaints = checked(field, text, checkCidr)
  const cidr = parseCidr(text)
  if (complaints.length > 0 || cidr === undefined || formatCidr(cidr) === text) return complaints
  return [fieldInvalid(field, text, `must not have bits set beyond the prefix length: expected ${formatCidr(cidr)}`)]
}

/** The kubelet sends no more (`nodeStatusMaxImages`); a Node goes to everybody who watches Nodes. */
const maxImages = 50
/** Five at most from the kubelet. */
const maxImageNames = 50
const maxAddresses = 64
const maxConditions = 128
const maxListed = 1_000
/** Room for everything above in its usual length. */
const maxStatusBytes = 256 * 1024

/** What a node tells about itself is bounded: Kubernetes trusts its kubelets here, but each copy of a Node costs everybody who watches. */
export function validateNodeStatus(status: NodeStatus | undefined): FieldError[] {
  if (status === undefined) return []
  const { images = [], addresses = [], conditions = [], volumesInUse = [], volumesAttached = [], runtimeHandlers = [] } = status
  const tooMany = [
    ...atMost('status.images', images, maxImages),
    ...atMost('status.addresses', addresses, maxAddresses),
    ...atMost('status.conditions', conditions, maxConditions),
    ...atMost('status.volumesInUse', volumesInUse, maxListed),
    ...atMost('status.volumesAttached', volumesAttached, maxListed),
    ...atMost('status.runtimeHandlers', runtimeHandlers, maxListed),
    ...atMost('status.declaredFeatures', status.declaredFeatures ?? [], maxListed),
  ]
  if (tooMany.length > 0) return tooMany
  const tooManyNames = images.flatMap(({ names = [] }, i) => atMost(`status.images[${i}].names`, names, maxImageNames))
  if (tooManyNames.length > 0) return tooManyNames
  const wrong = [...validateAmounts(status.capacity, 'status.capacity'), ...validateAmounts(status.allocatable, 'status.allocatable')]
  if (wrong.length > 0) return wrong
  return exactJson(status).length > maxStatusBytes ? [fieldTooLong('status', maxStatusBytes)] : []
}

/** Of what there are only whole ones: pods, and whatever else is counted. */
const isCounted = (name: string) => name === 'pods' || (name.includes('/') && !name.includes('kubernetes.io/'))

const validateAmounts = (amounts: Readonly<Record<string, string>> | undefined, field: string): FieldError[] =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const { nano } = parseQuantity(amount)
    return [
      ...(nano < 0n ? [fieldInvalid(`${field}.${name}`, amount, 'must be greater than or equal to 0')] : []),
      ...(isCounted(name) && nano % 1_000_000_000n !== 0n ? [fieldInvalid(`${field}.${name}`, amount, 'must be an integer')] : []),
    ]
  })

/** Of a change alone: one that is there may say a thing twice. */
export const validateAddressesOnce = ({ addresses = [] }: NodeStatus): FieldError[] =>
  duplicatesOf(addresses.map(({ type, address }) => JSON.stringify([type, address]))).map((i) =>
    fieldDuplicate(`status.addresses[${i}]`, addresses[i]),
  )

const atMost = (field: string, items: readonly unknown[], most: number): FieldError[] =>
  items.length > most ? [fieldTooMany(field, items.length, most)] : []
