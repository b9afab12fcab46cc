import type * as z from 'zod'
import { labelSelector } from '../meta/label-selector.ts'
import { templateMeta } from '../meta/object-meta.ts'
import { f, message, opt } from './field.ts'
import { podFailurePolicy, successPolicy } from './job-policies.ts'
import { podTemplateSpec } from './pod-template.ts'
import { bool, int32, int64, text } from './scalars.ts'

export const jobSpec = message(
  'batch/v1.JobSpec',
  {
    parallelism: opt(1, int32, { description: 'How many pods may run at once.', ptr: true }),
    completions: opt(2, int32, { description: 'How many pods must succeed; without it, one success is that of all.', ptr: true }),
    activeDeadlineSeconds: opt(3, int64, { description: 'After this many seconds the Job has failed.', ptr: true }),
    podFailurePolicy: opt(11, podFailurePolicy, { description: 'What a failed pod means, by how it failed.' }),
    successPolicy: opt(16, successPolicy, { description: 'When an indexed Job is complete although not all indexes are.' }),
    backoffLimit: opt(7, int32, { description: 'How many failures there may be.', ptr: true }),
    backoffLimitPerIndex: opt(12, int32, { description: 'How many failures each index may have.', ptr: true }),
    maxFailedIndexes: opt(13, int32, { description: 'How many indexes may fail before the Job has.', ptr: true }),
    selector: opt(4, labelSelector, { description: 'The labels of its pods; made by the server.' }),
    manualSelector: opt(5, bool, { description: 'Whether the selector is the sender’s.', ptr: true }),
    template: f(6, podTemplateSpec, { description: 'What its pods are.' }),
    ttlSecondsAfterFinished: opt(8, int32, { description: 'So long after its end the Job is deleted.', ptr: true }),
    completionMode: opt(9, text, {
      description: 'Indexed: each pod has a number, and one of each number must succeed.',
      ptr: true,
    }),
    suspend: opt(10, bool, { description: 'Whether it waits.', ptr: true }),
    podReplacementPolicy: opt(14, text, { description: 'Whether a new pod waits until the old one is gone.', ptr: true }),
    managedBy: opt(15, text, { description: 'Who runs it, if not the controller of the hub.', ptr: true }),
  },
  { description: 'What a Job should do.' },
)
export type JobSpec = z.infer<typeof jobSpec>

export const jobTemplateSpec = message('batch/v1.JobTemplateSpec', {
  metadata: opt(1, templateMeta, { description: 'Labels and annotations of every Job made from this.', byValue: true }),
  spec: f(2, jobSpec, { description: 'What the Jobs do.' }),
})
export type JobTemplateSpec = z.infer<typeof jobTemplateSpec>
