import { type FieldError, fieldDuplicate, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import type {
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../../types/job-policies.ts'
import type { JobSpec } from '../../types/job-spec.ts'
import { checked, fieldTooLong, fieldTooMany, fieldWrong, notNegative } from './field-errors.ts'
import { countIndexes } from './job-indexes.ts'

const mostRules = 20
const mostExitCodes = 255
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

export function validateFailurePolicy(spec: JobSpec, field: string): FieldError[] {
  const { containers, initContainers = [] } = spec.template.spec
  const names = new Set([...containers, ...initContainers].map(({ name }) => name))
  const rules = spec.podFailurePolicy?.rules ?? []
  return [
    ...(rules.length > mostRules ? [fieldTooMany(`${field}.rules`, rules.length, mostRules)] : []),
    ...rules.flatMap((rule, i) => validateRule(rule, `${field}.rules[${i}]`, { spec, names })),
  ]
}

type Around = { readonly spec: JobSpec; readonly names: ReadonlySet<string> }

function validateRule({ action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, field: string, around: Around): FieldError[] {
  const isBoth = onExitCodes !== undefined && onPodConditions.length > 0
  const isNeither = onExitCodes === undefined && onPodConditions.length === 0
  return [
    ...oneOf(action, actions, `${field}.action`),
    ...(action === 'FailIndex' && around.spec.backoffLimitPerIndex === undefined
      ? [fieldInvalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set')]
      : []),
    ...(onExitCodes === undefined ? [] : validateExitCodes(onExitCodes, `${field}.onExitCodes`, around.names)),
    ...validateConditions(onPodConditions, `${field}.onPodConditions`),
    ...(isBoth ? [fieldWrong(field, 'specifying both OnExitCodes and OnPodConditions is not supported')] : []),
    ...(isNeither ? [fieldWrong(field, 'specifying one of OnExitCodes and OnPodConditions is required')] : []),
  ]
}

/** A word of a closed set, by which its sender is told what there is. */
function oneOf(word: string, words: readonly string[], field: string): FieldError[] {
  if (word === '') return [fieldRequired(field, `valid values: [${words.map((known) => JSON.stringify(known)).join(' ')}]`)]
  return words.includes(word) ? [] : [fieldNotSupported(field, word, words)]
}

function validateExitCodes(
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
  field: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const list = `${field}.values`
  return [
    ...oneOf(operator, operators, `${field}.operator`),
    ...(containerName === undefined || names.has(containerName)
      ? []
      : [fieldInvalid(`${field}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template')]),
    ...(values.length === 0 ? [fieldInvalid(list, values, 'at least one value is required')] : []),
    ...(values.length > mostExitCodes ? [fieldTooMany(list, values.length, mostExitCodes)] : []),
    ...values.flatMap((value, i) => [
      ...(operator === 'In' && value === 0 ? [fieldInvalid(`${list}[${i}]`, value, 'must not be 0 for the In operator')] : []),
      ...(values.indexOf(value) < i ? [fieldDuplicate(`${list}[${i}]`, value)] : []),
    ]),
    ...(values.some((value, i) => i > 0 && (values[i - 1] ?? 0) > value) ? [fieldInvalid(list, values, 'must be ordered')] : []),
  ]
}

const validateConditions = (patterns: readonly PodFailurePolicyOnPodConditionsPattern[], field: string): FieldError[] => [
  ...(patterns.length > mostRules ? [fieldTooMany(field, patterns.length, mostRules)] : []),
  ...patterns.flatMap(({ type, status }, i) => [
    ...checked(`${field}[${i}].type`, type, checkQualifiedName),
    ...oneOf(status, statuses, `${field}[${i}].status`),
  ]),
]

export function validateSuccessPolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? []
  return [
    ...(rules.length === 0
      ? [fieldRequired(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified')]
      : []),
    ...(rules.length > mostRules ? [fieldTooMany(`${field}.rules`, rules.length, mostRules)] : []),
    ...rules.flatMap((rule, i) => validateSuccessRule(rule, `${field}.rules[${i}]`, spec.completions ?? 0)),
  ]
}

const mostIndexText = 64 * 1024

function validateSuccessRule({ succeededCount, succeededIndexes }: SuccessPolicyRule, field: string, completions: number): FieldError[] {
  if (succeededCount === undefined && succeededIndexes === undefined)
    return [fieldRequired(field, 'at least one of succeededCount or succeededIndexes must be specified')]
  const indexes = `${field}.succeededIndexes`
  if (succeededIndexes !== undefined && succeededIndexes.length > mostIndexText) return [fieldTooLong(indexes, mostIndexText)]
  const counted = succeededIndexes === undefined ? undefined : countIndexes(succeededIndexes, completions)
  const limits = [
    { most: completions, of: 'the number of specified completions' },
    ...(counted === undefined ? [] : [{ most: counted.count, of: 'the number of indexes in the specified succeededIndexes field' }]),
  ]
  return [
    ...(counted?.problem === undefined
      ? []
      : [fieldInvalid(indexes, succeededIndexes, `error parsing succeededIndexes: ${counted.problem}`)]),
    ...notNegative(`${field}.succeededCount`, succeededCount),
    ...limits
      .filter(({ most }) => (succeededCount ?? 0) > most)
      .map(({ most, of }) => fieldInvalid(`${field}.succeededCount`, succeededCount, `must be less than or equal to ${most} (${of})`)),
  ]
}
