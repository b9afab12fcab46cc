import * as z from 'zod'
import { type FieldError, fieldInvalid, fieldNotSupported } from '../api/api-error.ts'
import { isTimeZone, parseCron } from '../meta/cron.ts'
import { formatSelector, selectorOf } from '../meta/label-selector.ts'
import { checkDnsLabel } from '../meta/names.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { ageOf } from '../meta/time.ts'
import { defineKind } from '../schema/kind.ts'
import { f, message, oneOf, opt } from '../types/field.ts'
import { jobTemplateSpec } from '../types/job-spec.ts'
import { objectReference } from '../types/references.ts'
import { bool, int32, int64, text, textOrEmpty, time } from '../types/scalars.ts'
import { ageColumn, nameColumn, orNone, podColumnsOf } from './rules/columns.ts'
import { notNegative, required } from './rules/field-errors.ts'
import { countGeneration, startGeneration } from './rules/generation.ts'
import { validateJobSpec } from './rules/job-spec.ts'
import { setPodSpecDefaults } from './rules/pod-spec.ts'

export const cronJobSpec = message(
  'batch/v1.CronJobSpec',
  {
    schedule: f(1, textOrEmpty, { description: 'When, in the five fields of cron: `30 2 * * mon-fri`.' }),
    timeZone: opt(8, text, { description: 'Of which place the times are, such as Europe/Berlin; by default that of the hub.', ptr: true }),
    startingDeadlineSeconds: opt(2, int64, { description: 'So late a run may still begin.', ptr: true }),
    concurrencyPolicy: f(3, oneOf('Allow', 'Forbid', 'Replace').default('Allow'), {
      description: 'What happens when the last run has not ended: both, none, or the new one.',
    }),
    suspend: f(4, bool.default(false), { description: 'Whether no runs begin.', ptr: true }),
    jobTemplate: f(5, jobTemplateSpec, { description: 'The Job of each run.' }),
    successfulJobsHistoryLimit: f(6, int32.default(3), { description: 'How many complete Jobs are kept.', ptr: true }),
    failedJobsHistoryLimit: f(7, int32.default(1), { description: 'How many failed Jobs are kept.', ptr: true }),
  },
  { description: 'What a CronJob should do, and when.' },
)
export type CronJobSpec = z.infer<typeof cronJobSpec>

export const cronJobStatus = message('batch/v1.CronJobStatus', {
  active: opt(1, z.array(objectReference), { description: 'The Jobs that run.', list: 'atomic' }),
  lastScheduleTime: opt(4, time, { description: 'When a run began last.' }),
  lastSuccessfulTime: opt(5, time, { description: 'When a run was complete last.' }),
})
export type CronJobStatus = z.infer<typeof cronJobStatus>

export const cronJob = message('batch/v1.CronJob', {
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('CronJob'),
  metadata: f(1, objectMeta),
  spec: f(2, cronJobSpec),
  status: opt(3, cronJobStatus, { byValue: true }),
})
export type CronJob = z.infer<typeof cronJob>

export const cronJobs = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  resource: 'cronjobs',
  singular: 'cronjob',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  schema: cronJob,
  description: 'Makes a Job again and again, at the times of its schedule.',
  subresources: { status: true },
  columns: [
    nameColumn,
    { name: 'Schedule', type: 'string', description: 'When.', cell: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', description: 'Of which place the times are.', cell: ({ spec }) => orNone(spec.timeZone) },
    { name: 'Suspend', type: 'boolean', description: 'Whether no runs begin.', cell: ({ spec }) => (spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', description: 'How many Jobs run.', cell: ({ status }) => status?.active?.length ?? 0 },
    {
      name: 'Last Schedule',
      type: 'string',
      description: 'How long ago a run began last.',
      cell: ({ status }, now) => (status?.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now)),
    },
    ageColumn,
    ...podColumnsOf<CronJob>(({ spec: { jobTemplate } }) => ({
      template: jobTemplate.spec.template,
      selector: jobTemplate.spec.selector === undefined ? '' : formatSelector(selectorOf(jobTemplate.spec.selector)),
    })),
  ],
  setDefaults: ({ spec }) => setPodSpecDefaults(spec.jobTemplate.spec.template.spec),
  prepareForCreate(object) {
    startGeneration(object)
    object.status = {}
  },
  prepareForUpdate: countGeneration,
  validate: ({ spec }) => validateSpec(spec),
  // The Jobs have its name and eleven characters more.
  validateCreate: ({ metadata: { name } }) =>
    name.length > 52 ? [fieldInvalid('metadata.name', name, 'must be no more than 52 characters')] : [],
  warnings: ({ metadata }, previous) =>
    previous === undefined && checkDnsLabel(metadata.name).length > 0
      ? [
          `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${checkDnsLabel(metadata.name).join(' ')}]`,
        ]
      : [],
})

function validateSpec({ schedule, timeZone, jobTemplate, ...spec }: CronJobSpec): FieldError[] {
  const { selector, manualSelector } = jobTemplate.spec
  return [
    ...(schedule === '' ? required('spec.schedule', schedule) : validateSchedule(schedule)),
    ...notNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(timeZone === undefined ? [] : validateTimeZone(timeZone)),
    ...validateJobSpec(jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...(selector === undefined ? [] : [fieldInvalid('spec.jobTemplate.spec.selector', selector, '`selector` will be auto-generated')]),
    ...(manualSelector === true ? [fieldNotSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false'])] : []),
    ...notNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...notNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
}

function validateSchedule(schedule: string): FieldError[] {
  const refuse = (why: string) => [fieldInvalid('spec.schedule', schedule, why)]
  try {
    parseCron(schedule)
  } catch (error) {
    return refuse((error as Error).message) // parseCron throws only Errors
  }
  return schedule.includes('TZ') ? refuse('cannot use TZ or CRON_TZ in schedule, use timeZone field instead') : []
}

function validateTimeZone(timeZone: string): FieldError[] {
  const refuse = (why: string) => [fieldInvalid('spec.timeZone', timeZone, why)]
  if (timeZone === '') return refuse('timeZone must be nil or non-empty string')
  if (timeZone.toLowerCase() === 'local')
    return refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')
  return isTimeZone(timeZone) ? [] : refuse(`unknown time zone ${timeZone}`)
}
