import { type FieldError, fieldInvalid } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import type { JobSpec } from '../../types/job-spec.ts'
import type { PodTemplateSpec } from '../../types/pod-template.ts'
import { immutable } from './field-errors.ts'
import { isIndexed } from './job-spec.ts'

const lasting = [
  'selector',
  'template',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const

type Seen = { readonly startTime?: string; readonly active?: number }

/** What a Job does is settled when it is made. One that waits and has not begun may still be told where its pods go and what they need. */
export function validateJobUpdate(next: JobSpec, previous: JobSpec, status: Seen | undefined): FieldError[] {
  const mayMove = previous.suspend && status?.startTime === undefined
  const held = (spec: JobSpec, name: (typeof lasting)[number]) =>
    name === 'template' && mayMove ? withoutPlace(spec.template) : spec[name]
  return [
    ...validateCompletions(next, previous),
    ...lasting.filter((name) => !isSameJson(held(next, name), held(previous, name))).map((name) => immutable(`spec.${name}`, next[name])),
  ]
}

function validateCompletions(next: JobSpec, previous: JobSpec): FieldError[] {
  if (next.completions === previous.completions) return []
  if (!isIndexed(next)) return [immutable('spec.completions', next.completions ?? null)]
  if (next.completions === undefined || previous.completions === undefined || next.completions === next.parallelism) return []
  return [fieldInvalid('spec.completions', next.completions, 'can only be modified in tandem with spec.parallelism')]
}

function withoutPlace({ metadata, spec }: PodTemplateSpec): unknown {
  const { nodeSelector: _selector, tolerations: _tolerations, schedulingGates: _gates, affinity, ...rest } = spec
  const { nodeAffinity: _affinity, ...others } = affinity ?? {}
  const { labels: _labels, annotations: _annotations, ...meta } = metadata ?? {}
  return { meta, spec: rest, others }
}
