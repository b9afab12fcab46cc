import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import { checked } from './field-errors.ts'

/** What a quota counts of pods and what they ask for. */
const computed = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']
const counted = [
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
const stored = ['ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'requests.storage']
const standard = new Set([...computed, ...counted, ...stored])
/** What a resource may be called without a domain, in a quota or elsewhere. */
const known = new Set([...standard, 'storage'])

const isHugePages = (name: string) => /^(requests\.)?hugepages-/.test(name)

export const isQuotaResource = (name: string): boolean => standard.has(name) || isHugePages(name)
const isWhole = (name: string) => counted.includes(name) || name.includes('/')

/** A name of `spec.hard`, and how much of it. */
export function validateHard(hard: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  return Object.entries(hard ?? {}).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`
    return [...validateQuotaResource(name, at), ...validateAmount(name, amount, at)]
  })
}

function validateQuotaResource(name: string, field: string): FieldError[] {
  const errors = checked(field, name, checkQualifiedName)
  if (errors.length > 0 || name.includes('/')) return errors
  if (!known.has(name) && !isHugePages(name)) errors.push(fieldInvalid(field, name, 'must be a standard resource type or fully qualified'))
  if (!isQuotaResource(name)) errors.push(fieldInvalid(field, name, 'must be a standard resource for quota'))
  return errors
}

function validateAmount(name: string, amount: string, field: string): FieldError[] {
  const { nano } = parseQuantity(amount)
  return [
    ...(nano < 0n ? [fieldInvalid(field, amount, 'must be greater than or equal to 0')] : []),
    ...(isWhole(name) && nano % 1_000_000_000n !== 0n ? [fieldInvalid(field, amount, 'must be an integer')] : []),
  ]
}

/** Whether what a scope picks can be counted as this resource. */
export function fitsScope(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  return name === 'pods' || computed.includes(name)
}

export const quotaScopes: readonly string[] = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]
