import { type FieldError, fieldDuplicate, fieldForbidden, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { LabelSelector } from '../../meta/label-selector.ts'
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../../meta/names.ts'
import type { Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm } from '../../types/affinity.ts'
import type { TopologySpreadConstraint } from '../../types/pod-scheduling.ts'
import type { Taint, Toleration } from '../../types/taint.ts'
import { checked, fieldTooMany, validateLabels } from './field-errors.ts'

export const validateTolerations = (tolerations: readonly Toleration[] | undefined, field: string): FieldError[] =>
  (tolerations ?? []).flatMap((toleration, i) => {
    const { key = '', operator = 'Equal', value = '', effect = '', tolerationSeconds } = toleration
    const name = `${field}[${i}]`
    const errors = key === '' ? [] : checked(`${name}.key`, key, checkQualifiedName)
    if (key === '' && operator !== 'Exists')
      errors.push(
        fieldInvalid(
          `${name}.operator`,
          toleration.operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      )
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(fieldInvalid(`${name}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    if (operator === 'Exists' && value !== '')
      errors.push(fieldInvalid(`${name}.operator`, toleration, "value must be empty when `operator` is 'Exists'"))
    if (operator === 'Equal') errors.push(...checkLabelValue(value).map((complaint) => fieldInvalid(`${name}.operator`, value, complaint)))
    return errors
  })

export const validateTaints = (taints: readonly Taint[] | undefined, field: string): FieldError[] => {
  const seen = new Set<string>()
  return (taints ?? []).flatMap(({ key, value = '', effect }, i) => {
    const errors = [
      ...checked(`${field}[${i}].key`, key, checkQualifiedName),
      ...checked(`${field}[${i}].value`, value, checkLabelValue),
      ...((effect as string) === '' ? [fieldRequired(`${field}[${i}].effect`)] : []), // one read in doubt may have none
    ]
    const id = `${key}:${effect}`
    if (seen.has(id)) errors.push(fieldDuplicate(`${field}[${i}]`, { key, effect }))
    seen.add(id)
    return errors
  })
}

/**
 * More terms than anybody writes by hand. Kubernetes has no limit, and lets one pod with thousands of them, each compared with every
 * pod there is, hold its scheduler for minutes.
 */
const mostTerms = 100

const bounded = (items: readonly unknown[] | undefined, field: string): FieldError[] =>
  (items ?? []).length > mostTerms ? [fieldTooMany(field, (items ?? []).length, mostTerms)] : []

export function validateAffinity(affinity: Affinity | undefined, field: string): FieldError[] {
  const node = affinity?.nodeAffinity
  const needed = node?.requiredDuringSchedulingIgnoredDuringExecution
  return [
    ...validateNodeSelector(needed, `${field}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`),
    ...(node?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, preference }, i) => {
      const name = `${field}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`
      return [...validateWeight(weight, `${name}.weight`), ...validateTerm(preference, `${name}.preference`)]
    }),
    ...(['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => [
      ...(['required', 'preferred'] as const).flatMap((how) => {
        const name = `${how}DuringSchedulingIgnoredDuringExecution` as const
        return bounded(affinity?.[kind]?.[name], `${field}.${kind}.${name}`)
      }),
      ...(affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, i) =>
        validatePodTerm(term, `${field}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`),
      ),
      ...(affinity?.[kind]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, podAffinityTerm }, i) => {
        const name = `${field}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`
        return [...validateWeight(weight, `${name}.weight`), ...validatePodTerm(podAffinityTerm, `${name}.podAffinityTerm`)]
      }),
    ]),
  ]
}

/** Which nodes: any of the terms must hold. */
export function validateNodeSelector(selector: NodeSelector | undefined, field: string): FieldError[] {
  if (selector === undefined) return []
  const terms = `${field}.nodeSelectorTerms`
  return selector.nodeSelectorTerms.length === 0
    ? [fieldRequired(terms, 'must have at least one node selector term')]
    : selector.nodeSelectorTerms.flatMap((term, i) => validateTerm(term, `${terms}[${i}]`))
}

export function validateSpread(constraints: readonly TopologySpreadConstraint[] | undefined, field: string): FieldError[] {
  const tooMany = bounded(constraints, field)
  if (tooMany.length > 0) return tooMany
  const seen = new Set<string>()
  return [
    ...(constraints ?? []).flatMap((constraint, i) => {
      const { topologyKey, whenUnsatisfiable } = constraint
      const id = JSON.stringify([topologyKey, whenUnsatisfiable])
      const isRepeated = seen.has(id)
      seen.add(id)
      return [
        ...validateConstraint(constraint, `${field}[${i}]`),
        ...(isRepeated
          ? [fieldDuplicate(`${field}[${i}].{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)]
          : []),
      ]
    }),
  ]
}

const validateConstraint = (constraint: TopologySpreadConstraint, field: string): FieldError[] => {
  const { maxSkew, topologyKey, minDomains, whenUnsatisfiable, labelSelector, matchLabelKeys } = constraint
  return [
    ...(maxSkew <= 0 ? [fieldInvalid(`${field}.maxSkew`, maxSkew, 'must be greater than zero')] : []),
    ...(topologyKey === '' ? [fieldRequired(`${field}.topologyKey`, 'can not be empty')] : []),
    ...(minDomains !== undefined && minDomains <= 0 ? [fieldInvalid(`${field}.minDomains`, minDomains, 'must be greater than zero')] : []),
    ...(minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule'
      ? [
          fieldInvalid(
            `${field}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
          ),
        ]
      : []),
    ...validateLabelSelector(labelSelector, `${field}.labelSelector`),
    ...validateLabelKeys(matchLabelKeys, labelSelector, `${field}.matchLabelKeys`),
    ...(matchLabelKeys ?? []).flatMap((key, i) =>
      isSelectedBy(labelSelector, key)
        ? [fieldInvalid(`${field}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and labelSelector')]
        : [],
    ),
  ]
}

const isSelectedBy = (selector: LabelSelector | undefined, key: string): boolean =>
  Object.hasOwn(selector?.matchLabels ?? {}, key) || (selector?.matchExpressions ?? []).some((expression) => expression.key === key)

/** Labels of the pod itself that are added to a selector, which must be there. */
function validateLabelKeys(keys: readonly string[] | undefined, selector: LabelSelector | undefined, field: string): FieldError[] {
  if (keys === undefined || keys.length === 0) return []
  if (selector === undefined) return [fieldForbidden(field, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, i) => checked(`${field}[${i}]`, key, checkQualifiedName))
}

export const validateLabelSelector = (selector: LabelSelector | undefined, field: string): FieldError[] => [
  ...validateLabels(`${field}.matchLabels`, selector?.matchLabels),
  ...(selector?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, i) => {
    const name = `${field}.matchExpressions[${i}]`
    const errors: FieldError[] = []
    const takesValues = operator === 'In' || operator === 'NotIn'
    if (takesValues && values.length === 0)
      errors.push(fieldRequired(`${name}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(fieldForbidden(`${name}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else if (!takesValues) errors.push(fieldInvalid(`${name}.operator`, operator, 'not a valid selector operator'))
    errors.push(...checked(`${name}.key`, key, checkQualifiedName))
    errors.push(...values.flatMap((value, v) => checked(`${name}.values[${v}]`, value, checkLabelValue)))
    return errors
  }),
]

const validateTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, field: string): FieldError[] => [
  ...matchExpressions.flatMap((requirement, i) => validateRequirement(requirement, `${field}.matchExpressions[${i}]`)),
  ...matchFields.flatMap(({ key, operator, values = [] }, i) => {
    const name = `${field}.matchFields[${i}]`
    const errors: FieldError[] = []
    if (operator !== 'In' && operator !== 'NotIn') errors.push(fieldInvalid(`${name}.operator`, operator, 'not a valid selector operator'))
    else if (values.length !== 1)
      errors.push(fieldRequired(`${name}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
    if (key !== 'metadata.name') return [...errors, fieldInvalid(`${name}.key`, key, 'not a valid field selector key')]
    return [...errors, ...values.flatMap((value, v) => checked(`${name}.values[${v}]`, value, checkDnsSubdomain))]
  }),
]

function validateRequirement({ key, operator, values = [] }: NodeSelectorRequirement, field: string): FieldError[] {
  const errors: FieldError[] = []
  const count = values.length
  if ((operator === 'In' || operator === 'NotIn') && count === 0)
    errors.push(fieldRequired(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0)
    errors.push(fieldForbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  if ((operator === 'Gt' || operator === 'Lt') && count !== 1)
    errors.push(fieldRequired(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  if (!nodeOperators.includes(operator)) errors.push(fieldInvalid(`${field}.operator`, operator, 'not a valid selector operator'))
  return [...errors, ...checked(`${field}.key`, key, checkQualifiedName)]
}

const nodeOperators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']

const validatePodTerm = (term: PodAffinityTerm, field: string): FieldError[] => {
  const { topologyKey, labelSelector, namespaceSelector, namespaces = [], matchLabelKeys, mismatchLabelKeys = [] } = term
  const mismatched = new Set(mismatchLabelKeys)
  return [
    ...validateLabelSelector(labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...namespaces.flatMap((name) => checked(`${field}.namespace`, name, checkDnsLabel)),
    ...validateLabelKeys(matchLabelKeys, labelSelector, `${field}.matchLabelKeys`),
    ...validateLabelKeys(mismatchLabelKeys, labelSelector, `${field}.mismatchLabelKeys`),
    ...(matchLabelKeys ?? []).flatMap((key, i) =>
      mismatched.has(key)
        ? [fieldInvalid(`${field}.matchLabelKeys[${i}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
    ...(topologyKey === '' ? [fieldRequired(`${field}.topologyKey`, 'can not be empty')] : []),
    ...checked(`${field}.topologyKey`, topologyKey, checkQualifiedName),
  ]
}

const validateWeight = (weight: number, field: string): FieldError[] =>
  weight < 1 || weight > 100 ? [fieldInvalid(field, weight, 'must be in the range 1-100')] : []
