import { ownValue } from '../../json/own.ts'
import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import { compareQuantities, parseQuantity } from '../../meta/quantity.ts'
import type { ResourceRequirements } from '../../types/resources.ts'
import { checked } from './field-errors.ts'

type Amounts = Readonly<Record<string, string>>

export function validateResources({ limits = {}, requests = {} }: ResourceRequirements, field: string): FieldError[] {
  return [
    ...Object.entries(limits).flatMap(([name, amount]) => validateAmount(`${field}.limits[${name}]`, name, amount)),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...validateAmount(`${field}.requests[${name}]`, name, amount),
      ...validateAgainstLimit(field, { name, amount, limits }),
    ]),
  ]
}

/** What a pod limits and does not ask for it asks for up to its limit, so that the scheduler counts it. Of a template this is not so. */
export function defaultRequests(resources: ResourceRequirements): void {
  if (resources.limits === undefined) return
  resources.requests = { ...resources.limits, ...resources.requests }
}

/** CPU, memory and disk can be promised to more pods than there is for; huge pages and devices cannot. */
const mayOvercommit = (name: string) => !name.includes('/') && !name.startsWith('hugepages-')

function validateAmount(field: string, name: string, amount: string): FieldError[] {
  const errors = checked(field, name, checkQualifiedName)
  if (!name.includes('/') && !isStandard(name)) errors.push(fieldInvalid(field, name, 'must be a standard resource for containers'))
  const { nano } = parseQuantity(amount)
  if (nano < 0n) errors.push(fieldInvalid(field, amount, 'must be greater than or equal to 0'))
  if (name.includes('/') && nano % 1_000_000_000n !== 0n) errors.push(fieldInvalid(field, amount, 'must be an integer'))
  return errors
}

const isStandard = (name: string) => ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-')

function validateAgainstLimit(field: string, { name, amount, limits }: { name: string; amount: string; limits: Amounts }): FieldError[] {
  const limit = ownValue(limits, name)
  if (limit === undefined)
    return mayOvercommit(name) ? [] : [fieldRequired(`${field}.limits`, 'Limit must be set for non overcommit resources')]
  const order = compareQuantities(parseQuantity(amount), parseQuantity(limit))
  if (!mayOvercommit(name) && order !== 0) return [fieldInvalid(`${field}.requests`, amount, `must be equal to ${name} limit of ${limit}`)]
  return order > 0 ? [fieldInvalid(`${field}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)] : []
}
