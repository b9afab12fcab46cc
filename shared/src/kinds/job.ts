import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldRequired } from '../api/api-error.ts'
import { formatSelector, selectorOf } from '../meta/label-selector.ts'
import { matcherOf } from '../meta/label-matcher.ts'
import { checkDnsLabel } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, opt } from '../types/field.ts'
import { jobSpec } from '../types/job-spec.ts'
import { type JobStatus, jobStatus } from '../types/job-status.ts'
import { ageColumn, nameColumn, podColumnsOf } from './rules/columns.ts'
import { validateCounts } from './rules/counts.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { durationText, statusText } from './rules/job-columns.ts'
import { setJobDefaults, validateJobSpec } from './rules/job-spec.ts'
import { validateJobUpdate } from './rules/job-update.ts'
import { validateMatch } from './rules/pod-template.ts'
import { validateLabelSelector } from './rules/scheduling.ts'

export const job = message('batch/v1.Job', {
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: f(1, objectMeta),
  spec: f(2, jobSpec),
  status: opt(3, jobStatus, { byValue: true }),
})
export type Job = z.infer<typeof job>

export const jobs = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  resource: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  schema: job,
  description: 'Runs pods until enough of them have succeeded.',
  orphansByDefault: {
    warning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  },
  subresources: { status: true },
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', description: 'Running, Suspended, Complete or Failed.', cell: statusText },
    {
      name: 'Completions',
      type: 'string',
      description: 'How many pods have succeeded, of how many.',
      cell: ({ spec, status }) => `${status?.succeeded ?? 0}/${wantedText(spec)}`,
    },
    { name: 'Duration', type: 'string', description: 'How long it has run.', cell: durationText },
    ageColumn,
    ...podColumnsOf<Job>(({ spec }) => ({
      template: spec.template,
      selector: spec.selector === undefined ? '' : formatSelector(selectorOf(spec.selector)),
    })),
  ],
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  setDefaults(object) {
    setJobDefaults(object.spec)
    const labels = object.spec.template.metadata?.labels
    if (labels !== undefined && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels }
  },
  prepareForCreate(object) {
    startGeneration(object)
    object.status = {}
    if (object.spec.manualSelector !== true) makeSelector(object)
  },
  prepareForUpdate: countGeneration,
  validate: (object) => [
    ...validateOwnSelector(object),
    ...validateJobSpec(object.spec, 'spec'),
    ...validateSelector(object),
    ...validateCounts(countsOf(object.status)),
  ],
  validateUpdate: ({ spec }, { spec: previous, status }) => validateJobUpdate(spec, previous, status),
  warnings: ({ metadata, spec }, previous) => [
    ...(previous === undefined && checkDnsLabel(metadata.name).length > 0
      ? [
          `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${checkDnsLabel(metadata.name).join(' ')}]`,
        ]
      : []),
    ...(spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 100_000 && (spec.parallelism ?? 0) > 10_000
      ? [
          'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
        ]
      : []),
  ],
})

function wantedText({ completions, parallelism = 0 }: Job['spec']): string {
  if (completions !== undefined) return String(completions)
  return parallelism > 1 ? `1 of ${parallelism}` : '1'
}

const countsOf = ({ active, succeeded, failed, ready, terminating }: JobStatus = {}) => ({ active, succeeded, failed, ready, terminating })

const nameLabels = ['job-name', 'batch.kubernetes.io/job-name']
const uidLabel = 'batch.kubernetes.io/controller-uid'
const uidLabels = ['controller-uid', uidLabel]

/** By its UID a Job finds its own pods and nobody else's. What the sender wrote there stays, to be refused if it is something else. */
function makeSelector({ metadata: { name, uid = '' }, spec }: Job): void {
  const own = Object.fromEntries([...nameLabels.map((label) => [label, name]), ...uidLabels.map((label) => [label, uid])])
  const { metadata } = spec.template
  spec.template.metadata = { ...metadata, labels: { ...own, ...metadata?.labels } }
  spec.selector = { ...spec.selector, matchLabels: { [uidLabel]: uid, ...spec.selector?.matchLabels } }
}

/** The labels that were made are there and say what they must, so that no two Jobs find the same pods. */
function validateOwnSelector({ metadata: { name, uid = '' }, spec }: Job): FieldError[] {
  if (spec.manualSelector === true || spec.selector === undefined) return []
  const labels = spec.template.metadata?.labels ?? {}
  const wrong = (label: string, value: string): FieldError[] => {
    const field = `spec.template.metadata.labels[${label}]`
    const found = Object.hasOwn(labels, label) ? labels[label] : undefined
    if (found === undefined) return [fieldRequired(field, `must be '${value}'`)]
    return found === value ? [] : [fieldInvalid(field, labels, `must be '${value}'`)]
  }
  const own: Record<string, string> = {}
  for (const label of uidLabels) own[label] = uid
  for (const label of nameLabels) own[label] = name
  return [
    ...Object.entries(own).flatMap(([label, value]) => wrong(label, value)),
    ...(matcherOf(selectorOf(spec.selector))(own) ? [] : [fieldInvalid('spec.selector', spec.selector, '`selector` not auto-generated')]),
  ]
}

function validateSelector({ spec: { selector, template } }: Job): FieldError[] {
  if (selector === undefined) return [fieldRequired('spec.selector')]
  return [...validateLabelSelector(selector, 'spec.selector'), ...validateMatch(selector, template, 'spec.template')]
}
