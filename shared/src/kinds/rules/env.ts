import { type FieldError, fieldInvalid, fieldNotSupported } from '../../api/api-error.ts'
import { checkDataKey, checkDnsSubdomain, checkEnvName } from '../../meta/names.ts'
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../../types/env.ts'
import { checked, required, requiredAndChecked } from './field-errors.ts'

export const validateEnv = (env: readonly EnvVar[] | undefined, field: string): FieldError[] =>
  (env ?? []).flatMap(({ name, value, valueFrom }, i) => [
    ...requiredAndChecked(`${field}[${i}].name`, name, checkEnvName),
    ...(valueFrom === undefined ? [] : validateValueFrom(valueFrom, value, `${field}[${i}].valueFrom`)),
  ])

export const validateEnvFrom = (envFrom: readonly EnvFromSource[] | undefined, field: string): FieldError[] =>
  (envFrom ?? []).flatMap(({ prefix = '', configMapRef, secretRef }, i) => [
    ...(prefix === '' ? [] : checked(`${field}[${i}].prefix`, prefix, checkEnvName)),
    ...exactlyOne({ configMapRef, secretRef }, `${field}[${i}]`, 'must specify one of: `configMapRef` or `secretRef`'),
    ...(configMapRef === undefined ? [] : requiredAndChecked(`${field}[${i}].configMapRef.name`, configMapRef.name, checkDnsSubdomain)),
    ...(secretRef === undefined ? [] : requiredAndChecked(`${field}[${i}].secretRef.name`, secretRef.name, checkDnsSubdomain)),
  ])

function validateValueFrom(source: EnvVarSource, value: string | undefined, field: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  return [
    ...(value !== undefined && value !== '' ? [fieldInvalid(field, '', 'may not be specified when `value` is not empty')] : []),
    ...exactlyOne(
      { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef },
      field,
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
    ),
    ...(fieldRef === undefined ? [] : validateFieldRef(fieldRef, `${field}.fieldRef`, envFields)),
    ...(resourceFieldRef === undefined ? [] : validateResourceFieldRef(resourceFieldRef, `${field}.resourceFieldRef`)),
    ...(configMapKeyRef === undefined ? [] : validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`)),
    ...(secretKeyRef === undefined ? [] : validateKeyRef(secretKeyRef, `${field}.secretKeyRef`)),
  ]
}

const envFields = [
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

export function validateFieldRef({ fieldPath }: ObjectFieldSelector, field: string, supported: readonly string[]): FieldError[] {
  const missing = required(`${field}.fieldPath`, fieldPath)
  if (missing.length > 0) return missing
  if (/^metadata\.(labels|annotations)\['[^']+'\]$/.test(fieldPath) || supported.includes(fieldPath)) return []
  return [fieldNotSupported(`${field}.fieldPath`, fieldPath, supported)]
}

const resourceFields = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

export function validateResourceFieldRef({ resource }: ResourceFieldSelector, field: string): FieldError[] {
  const missing = required(`${field}.resource`, resource)
  if (missing.length > 0) return missing
  const isKnown = resourceFields.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)
  return isKnown ? [] : [fieldNotSupported(`${field}.resource`, resource, resourceFields)]
}

const validateKeyRef = ({ name, key }: { name: string; key: string }, field: string): FieldError[] => [
  ...requiredAndChecked(`${field}.name`, name, checkDnsSubdomain),
  ...requiredAndChecked(`${field}.key`, key, checkDataKey),
]

function exactlyOne(sources: Readonly<Record<string, unknown>>, field: string, missing: string): FieldError[] {
  const given = Object.values(sources).filter((source) => source !== undefined)
  if (given.length === 0) return [fieldInvalid(field, '', missing)]
  return given.length > 1 ? [fieldInvalid(field, '', 'may not have more than one field specified at a time')] : []
}
