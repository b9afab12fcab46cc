import { type FieldError, fieldInvalid, fieldNotSupported, fieldRequired } from '../../api/api-error.ts'
import type { JobSpec } from '../../types/job-spec.ts'
import { validateDomainPath } from './domain-path.ts'
import { fieldTooLong, notNegative } from './field-errors.ts'
import { validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts'
import { setPodSpecDefaults } from './pod-spec.ts'
import { validateEndingPolicy, validatePodTemplate } from './pod-template.ts'

/** Of a Job. In the template of one, what is not said is left to the Job that will be made. */
export function setJobDefaults(spec: JobSpec): void {
  setPodSpecDefaults(spec.template.spec)
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  // An indexed Job that counts failures by index has no limit of them all.
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
}

/** All of it but the selector, which a Job has and the template of one has not. */
export function validateJobSpec(spec: JobSpec, field: string): FieldError[] {
  const { template, podFailurePolicy, managedBy } = spec
  const { restartPolicy } = template.spec
  return [
    ...counts.flatMap((name) => notNegative(`${field}.${name}`, spec[name])),
    ...(managedBy === undefined ? [] : validateManager(managedBy, `${field}.managedBy`)),
    ...validateIndexing(spec, field),
    ...(podFailurePolicy === undefined ? [] : validateFailurePolicy(spec, `${field}.podFailurePolicy`)),
    ...(spec.successPolicy === undefined
      ? []
      : isIndexed(spec)
        ? validateSuccessPolicy(spec, `${field}.successPolicy`)
        : [fieldInvalid(`${field}.successPolicy`, spec.successPolicy, 'requires indexed completion mode')]),
    ...validateReplacement(spec, `${field}.podReplacementPolicy`),
    ...validatePodTemplate(template, `${field}.template`),
    ...validateEndingPolicy(template, `${field}.template`),
    ...(podFailurePolicy !== undefined && restartPolicy === 'OnFailure'
      ? [
          fieldInvalid(
            `${field}.template.spec.restartPolicy`,
            restartPolicy,
            'only "Never" is supported when podFailurePolicy is specified',
          ),
        ]
      : []),
  ]
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const satisfies readonly (keyof JobSpec)[]

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed'

const validateManager = (managedBy: string, field: string): FieldError[] => [
  ...validateDomainPath(field, managedBy),
  ...(managedBy.length > 63 ? [fieldTooLong(field, 63)] : []),
]

const many = 100_000
const fewOfMany = 10_000

function validateIndexing(spec: JobSpec, field: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex, completionMode = 'NonIndexed' } = spec
  const needsLimit =
    maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined
      ? [fieldRequired(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []
  if (completionMode !== 'NonIndexed' && completionMode !== 'Indexed')
    return [...needsLimit, fieldNotSupported(`${field}.completionMode`, completionMode, ['NonIndexed', 'Indexed'])]
  if (!isIndexed(spec))
    return [
      ...needsLimit,
      ...(['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
        .filter((name) => spec[name] !== undefined)
        .map((name) => fieldInvalid(`${field}.${name}`, spec[name], 'requires indexed completion mode')),
    ]
  const atMost = (name: 'parallelism' | 'maxFailedIndexes', most: number, why: string) =>
    (spec[name] ?? 0) > most ? [fieldInvalid(`${field}.${name}`, spec[name], `must be less than or equal to ${why}`)] : []
  const isHuge = (completions ?? 0) > many && backoffLimitPerIndex !== undefined
  const hugeText = `${fewOfMany} when completions are above ${many} and used with backoff limit per index`
  return [
    ...needsLimit,
    ...(completions === undefined ? [fieldRequired(`${field}.completions`, 'when completion mode is Indexed')] : []),
    ...atMost('parallelism', many, `${many} when completion mode is Indexed`),
    ...(completions === undefined ? [] : atMost('maxFailedIndexes', completions, 'completions')),
    ...atMost('maxFailedIndexes', many, String(many)),
    ...(isHuge && maxFailedIndexes === undefined
      ? [fieldRequired(`${field}.maxFailedIndexes`, `must be specified when completions is above ${many}`)]
      : []),
    ...(isHuge && parallelism > fewOfMany ? atMost('parallelism', fewOfMany, hugeText) : []),
    ...(isHuge ? atMost('maxFailedIndexes', fewOfMany, hugeText) : []),
  ]
}

function validateReplacement({ podReplacementPolicy, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const known = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  return podReplacementPolicy === undefined || known.includes(podReplacementPolicy)
    ? []
    : [fieldNotSupported(field, podReplacementPolicy, known)]
}
