import { ownValue } from '../../json/own.ts'
import { type FieldError, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import type { ResourceRequirements } from '../../types/resources.ts'
import { checked } from './field-errors.ts'

type Amounts = Readonly<Record<string, string>>

export function validateResources({ limits = {}, requests = {} }: ResourceRequirements, field: string): FieldError[] {
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  return [
    ...Object.entries(limits).flatMap(([name, amount]) => validateAmount(`${field}.limits[${name}]`, name, amount)),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...validateAmount(`${field}.requests[${name}]`, name, amount),
      ...validateAgainstLimit(field, { name, amount, limits }),
    ]),
    ...(names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')
      ? [fieldForbidden(field, 'HugePages require cpu or memory')]
      : []),
  ]
}

/** What a pod limits and does not ask for it asks for up to its limit, so that the scheduler counts it. Of a template this is not so. */
export function defaultRequests(resources: ResourceRequirements): void {
  if (resources.limits === undefined) return
  resources.requests = { ...resources.limits, ...resources.requests }
}

const isHugePages = (name: string) => name.startsWith('hugepages-')
/** CPU, memory and disk can be promised to more pods than there is for; huge pages and devices cannot. */
const mayOvercommit = (name: string) => isNative(name) && !isHugePages(name)
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/')

function validateAmount(field: string, name: string, amount: string): FieldError[] {
  const { nano } = parseQuantity(amount)
  return [
    ...validateName(field, name),
    ...(nano < 0n ? [fieldInvalid(field, amount, 'must be greater than or equal to 0')] : []),
    ...(!isNative(name) && nano % 1_000_000_000n !== 0n ? [fieldInvalid(field, amount, 'must be an integer')] : []),
  ]
}

function validateName(field: string, name: string): FieldError[] {
  const errors = checked(field, name, checkQualifiedName)
  if (name.includes('/'))
    return isNative(name) || (!name.startsWith('requests.') && checkQualifiedName(`requests.${name}`).length === 0)
      ? errors
      : [...errors, fieldInvalid(field, name, "doesn't follow extended resource name standard")]
  if (ofContainers.includes(name) || isHugePages(name)) return errors
  return [
    ...errors,
    ...(errors.length === 0 && !standard.has(name)
      ? [fieldInvalid(field, name, 'must be a standard resource type or fully qualified')]
      : []),
    fieldInvalid(field, name, 'must be a standard resource for containers'),
  ]
}

const ofContainers = ['cpu', 'memory', 'ephemeral-storage']
const compute = [...ofContainers, 'storage']
/** Names that mean something, if only in a quota. */
const standard = new Set([
  ...compute,
  ...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims'],
  ...['services.nodeports', 'services.loadbalancers'],
])

function validateAgainstLimit(field: string, { name, amount, limits }: { name: string; amount: string; limits: Amounts }): FieldError[] {
  const limit = ownValue(limits, name)
  if (limit === undefined)
    return mayOvercommit(name) ? [] : [fieldRequired(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  const order = compareQuantities(parseQuantity(amount), parseQuantity(limit))
  if (!mayOvercommit(name) && order !== 0) return [fieldInvalid(`${field}.requests`, amount, `must be equal to ${name} limit of ${limit}`)]
  return order > 0 ? [fieldInvalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)] : []
}
