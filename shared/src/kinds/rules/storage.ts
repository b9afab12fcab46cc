import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkDnsSubdomain, checkQualifiedName } from '../../meta/names.ts'
import { isSameJson } from '../../json/same-json.ts'
import type { TopologySelectorTerm } from '../../types/topology-selector.ts'
import { checked, duplicatesOf, fieldTooLong } from './field-errors.ts'

const mostParameters = 512
const parametersBytes = 256 * 1024

/** The name of who makes volumes; capitals in its domain are compared as small letters. */
export const validateProvisioner = (field: string, name: string): FieldError[] =>
  name === '' ? [fieldRequired(field)] : checked(field, name.toLowerCase(), checkQualifiedName)

/** What only the provisioner understands. */
export function validateParameters(field: string, parameters: Readonly<Record<string, string>> = {}): FieldError[] {
  const entries = Object.entries(parameters)
  if (entries.length > mostParameters) return [fieldTooLong(field, mostParameters)]
  return [
    ...entries.flatMap(([key]) => (key === '' ? [fieldInvalid(field, key, 'field can not be empty.')] : [])),
    ...(sizeOf(entries) > parametersBytes ? [fieldTooLong(field, parametersBytes)] : []),
  ]
}

export const sizeOf = (entries: readonly (readonly [string, string])[]): number =>
  entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)

export const validateCsiDriverName = (field: string, name: string): FieldError[] => [
  ...(name === '' ? [fieldRequired(field)] : []),
  ...(name.length > 63 ? [fieldTooLong(field, 63)] : []),
  ...checkDnsSubdomain(name.toLowerCase()).map((complaint) => fieldInvalid(field, name, complaint)),
]

export function validateTopologies(field: string, terms: readonly TopologySelectorTerm[] = []): FieldError[] {
  const asSets = terms.map(({ matchLabelExpressions = [] }) =>
    Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].toSorted()])),
  )
  return terms.flatMap(({ matchLabelExpressions = [] }, i) => {
    const name = `${field}[${i}].matchLabelExpressions`
    const repeatedKeys = new Set(duplicatesOf(matchLabelExpressions.map(({ key }) => key)))
    return [
      ...matchLabelExpressions.flatMap(({ key, values }, e) => [
        ...(values.length === 0 ? [fieldRequired(`${name}[${e}].values`)] : []),
        ...duplicatesOf(values).map((v) => fieldDuplicate(`${name}[${e}].values[${v}]`, values[v])),
        ...checked(`${name}[${e}].key`, key, checkQualifiedName),
        ...(repeatedKeys.has(e) ? [fieldDuplicate(`${name}[${e}].key`, key)] : []),
      ]),
      ...(asSets.slice(0, i).some((earlier) => isSameJson(earlier, asSets[i])) ? [fieldDuplicate(name, '')] : []),
    ]
  })
}
