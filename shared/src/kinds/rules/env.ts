import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { checkDataKey, checkDnsSubdomain, checkEnvName } from '../../meta/names.ts'
import type { EnvFromSource, EnvVar, EnvVarSource } from '../../types/env.ts'
import { checked, requiredAndChecked } from './field-errors.ts'
import { envFields, validateFieldRef, validateResourceFieldRef } from './field-refs.ts'

export const validateEnv = (env: readonly EnvVar[] | undefined, field: string): FieldError[] =>
  (env ?? []).flatMap(({ name, value, valueFrom }, i) => [
    ...requiredAndChecked(`${field}[${i}].name`, name, checkEnvName),
    ...(valueFrom === undefined ? [] : validateValueFrom(valueFrom, value, `${field}[${i}].valueFrom`)),
  ])

export const validateEnvFrom = (envFrom: readonly EnvFromSource[] | undefined, field: string): FieldError[] =>
  (envFrom ?? []).flatMap(({ prefix = '', configMapRef, secretRef }, i) => [
    ...(prefix === '' ? [] : checked(`${field}[${i}].prefix`, prefix, checkEnvName)),
    ...exactlyOne({ configMapRef, secretRef }, field, 'must specify one of: `configMapRef` or `secretRef`'),
    ...(configMapRef === undefined ? [] : requiredAndChecked(`${field}[${i}].configMapRef.name`, configMapRef.name, checkDnsSubdomain)),
    ...(secretRef === undefined ? [] : requiredAndChecked(`${field}[${i}].secretRef.name`, secretRef.name, checkDnsSubdomain)),
  ])

function validateValueFrom(source: EnvVarSource, value: string | undefined, field: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  return [
    ...exactlyOne(
      { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef },
      field,
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      value,
    ),
    ...(fieldRef === undefined ? [] : validateFieldRef(fieldRef, `${field}.fieldRef`, envFields)),
    ...(resourceFieldRef === undefined ? [] : validateResourceFieldRef(resourceFieldRef, `${field}.resourceFieldRef`, 'container')),
    ...(configMapKeyRef === undefined ? [] : validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`)),
    ...(secretKeyRef === undefined ? [] : validateKeyRef(secretKeyRef, `${field}.secretKeyRef`)),
  ]
}

const validateKeyRef = ({ name, key }: { name: string; key: string }, field: string): FieldError[] => [
  ...checked(`${field}.name`, name, checkDnsSubdomain),
  ...requiredAndChecked(`${field}.key`, key, checkDataKey),
]

function exactlyOne(sources: Readonly<Record<string, unknown>>, field: string, missing: string, value = ''): FieldError[] {
  const given = Object.values(sources).filter((source) => source !== undefined)
  if (given.length === 0) return [fieldInvalid(field, '', missing)]
  if (value !== '') return [fieldInvalid(field, '', 'may not be specified when `value` is not empty')]
  return given.length > 1 ? [fieldInvalid(field, '', 'may not have more than one field specified at a time')] : []
}
