import { type FieldError, fieldDuplicate, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { checkPathSegment, checkQualifiedName } from '../../meta/names.ts'
import type { MatchCondition, MatchResources, NamedRuleWithOperations, RuleWithOperations } from '../../types/admission-matching.ts'
import { expressionErrors } from './admission-expressions.ts'
import { conditionTypes } from '../../cel/admission/compile.ts'
import { checked, duplicatesOf, fieldTooMany } from './field-errors.ts'
import { validateLabelSelector } from './scheduling.ts'

export function validateRule({ operations = [], apiGroups = [], apiVersions = [], resources = [] }: RuleWithOperations, field: string) {
  return [
    ...(operations.length === 0 ? [fieldRequired(`${field}.operations`)] : []),
    ...alone(operations, `${field}.operations`, 'operations'),
    ...(apiGroups.length === 0 ? [fieldRequired(`${field}.apiGroups`)] : []),
    ...alone(apiGroups, `${field}.apiGroups`, 'API groups'),
    ...(apiVersions.length === 0 ? [fieldRequired(`${field}.apiVersions`)] : []),
    ...alone(apiVersions, `${field}.apiVersions`, 'API versions'),
    ...apiVersions.flatMap((version, i) => (version === '' ? [fieldRequired(`${field}.apiVersions[${i}]`)] : [])),
    ...validateResources(resources, `${field}.resources`),
  ]
}

const alone = (values: readonly string[], field: string, what: string): FieldError[] =>
  values.length > 1 && values.includes('*') ? [fieldInvalid(field, values, `if '*' is present, must not specify other ${what}`)] : []

function validateResources(resources: readonly string[], field: string): FieldError[] {
  const errors = resources.length === 0 ? [fieldRequired(field)] : []
  const [ofAllParts, ofAllResources] = [new Set<string>(), new Set<string>()]
  for (const [i, text] of resources.entries()) {
    const name = `${field}[${i}]`
    if (text === '') errors.push(fieldRequired(name))
    const slash = text.indexOf('/')
    if (slash < 0) continue
    const [resource, part] = [text.slice(0, slash), text.slice(slash + 1)]
    if (ofAllParts.has(resource)) errors.push(fieldInvalid(name, text, `if '${resource}/*' is present, must not specify ${text}`))
    if (ofAllResources.has(part)) errors.push(fieldInvalid(name, text, `if '*/${part}' is present, must not specify ${text}`))
    if (part === '*') ofAllParts.add(resource)
    if (resource === '*') ofAllResources.add(part)
  }
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(fieldInvalid(field, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && resources.some((text) => text !== '' && text !== '*' && !text.includes('/')))
    errors.push(fieldInvalid(field, resources, "if '*' is present, must not specify other resources without subresources"))
  return errors
}

function validateNamedRule(rule: NamedRuleWithOperations, field: string): FieldError[] {
  const { resourceNames = [] } = rule
  const repeated = new Set(duplicatesOf(resourceNames))
  return [
    ...resourceNames.flatMap((name, i) => [
      ...checked(`${field}.resourceNames[${i}]`, name, checkPathSegment),
      ...(repeated.has(i) ? [fieldDuplicate(`${field}.resourceNames[${i}]`, name)] : []),
    ]),
    ...validateRule(rule, field),
  ]
}

export const validateMatchResources = (match: MatchResources | undefined, field: string): FieldError[] =>
  match === undefined
    ? []
    : [
        ...validateLabelSelector(match.namespaceSelector, `${field}.namespaceSelector`),
        ...validateLabelSelector(match.objectSelector, `${field}.objectSelector`),
        ...(match.resourceRules ?? []).flatMap((rule, i) => validateNamedRule(rule, `${field}.resourceRules[${i}]`)),
        ...(match.excludeResourceRules ?? []).flatMap((rule, i) => validateNamedRule(rule, `${field}.excludeResourceRules[${i}]`)),
      ]

const mostConditions = 64

/** `hasParams`: of a policy that takes parameters. */
export function validateMatchConditions(conditions: readonly MatchCondition[] = [], field: string, hasParams = false): FieldError[] {
  const repeated = new Set(duplicatesOf(conditions.map(({ name }) => name)))
  return [
    ...(conditions.length > mostConditions ? [fieldTooMany(field, conditions.length, mostConditions)] : []),
    ...conditions.flatMap(({ name, expression }, i) => [
      ...(expression.trim() === ''
        ? [fieldRequired(`${field}[${i}].expression`)]
        : expressionErrors(`${field}[${i}].expression`, expression, { hasParams, hasAuthorizer: true }, conditionTypes)),
      ...(name === '' ? [fieldRequired(`${field}[${i}].name`)] : checked(`${field}[${i}].name`, name, checkQualifiedName)),
      ...(repeated.has(i) ? [fieldDuplicate(`${field}[${i}].name`, name)] : []),
    ]),
  ]
}
