import { type FieldError, fieldInvalid, fieldNotSupported } from '../../api/api-error.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import { formatQuantity, parseQuantity } from '../../meta/quantity.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../types/env.ts'
import { required } from './field-errors.ts'

export const envFields = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
/** What a downward API volume may show. */
export const volumeFields = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

/** What a pod's own fields may be asked by, in `v1`. */
const known = new Set([...envFields, ...volumeFields, 'spec.restartPolicy', 'spec.schedulerName', 'spec.hostNetwork', 'status.phase'])

export function validateFieldRef(ref: ObjectFieldSelector, field: string, supported: readonly string[]): FieldError[] {
  const { apiVersion, fieldPath } = ref
  const name = `${field}.fieldPath`
  if (fieldPath === '') return required(name, fieldPath)
  const convertible = (why: string) => [fieldInvalid(name, fieldPath, `error converting fieldPath: ${why}`)]
  if (apiVersion !== 'v1') return convertible(`unsupported pod version: ${apiVersion}`)
  const { path, key } = subscript(fieldPath)
  if (key !== undefined) {
    if (path !== 'metadata.labels' && path !== 'metadata.annotations')
      return convertible(`field label does not support subscript: ${fieldPath}`)
    const text = path === 'metadata.labels' ? key : key.toLowerCase()
    return checkQualifiedName(text).map((complaint) => fieldInvalid(field, key, complaint))
  }
  if (!known.has(fieldPath)) return convertible(`field label not supported: ${fieldPath}`)
  return supported.includes(fieldPath) ? [] : [fieldNotSupported(name, fieldPath, supported)]
}

/** `metadata.labels['a']`: by hand, as an expression would go from each of a million brackets to the end. */
function subscript(fieldPath: string): { readonly path: string; readonly key?: string } {
  const at = fieldPath.lastIndexOf("['")
  return at < 1 || !fieldPath.endsWith("']") || fieldPath.length < at + 4
    ? { path: fieldPath }
    : { path: fieldPath.slice(0, at), key: fieldPath.slice(at + 2, -2) }
}

const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

/** A container knows which one is meant; a volume, which is for all of them, does not. */
export function validateResourceFieldRef(ref: ResourceFieldSelector, field: string, of: 'container' | 'volume'): FieldError[] {
  const { containerName = '', resource, divisor } = ref
  return [...validateResource(containerName, resource, field, of), ...validateDivisor(resource, divisor, `${field}.divisor`)]
}

function validateResource(containerName: string, resource: string, field: string, of: 'container' | 'volume'): FieldError[] {
  if (of === 'volume' && containerName === '') return required(`${field}.containerName`, containerName)
  if (resource === '') return required(`${field}.resource`, resource)
  const isKnown = resourceFields.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)
  return isKnown ? [] : [fieldNotSupported(`${field}.resource`, resource, resourceFields)]
}

const cpuDivisors = ['1m', '1']
const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

function validateDivisor(resource: string, divisor: string | undefined, field: string): FieldError[] {
  if (divisor === undefined) return []
  const quantity = parseQuantity(divisor)
  const [, name] = /^(?:limits|requests)\.(.+)$/.exec(resource) ?? []
  if (quantity.nano === 0n || name === undefined) return []
  const isCpu = name === 'cpu'
  const isBytes = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')
  const text = formatQuantity(quantity)
  if ((isCpu && cpuDivisors.includes(text)) || (isBytes && byteDivisors.includes(text)) || (!isCpu && !isBytes)) return []
  const what = name === 'ephemeral-storage' ? 'local ephemeral storage' : name.startsWith('hugepages-') ? 'hugepages' : name
  const values = isCpu ? '1m and 1' : byteDivisors.join(', ')
  return [fieldInvalid(field, resource, `only divisor's values ${values} are supported with the ${what} resource`)]
}
