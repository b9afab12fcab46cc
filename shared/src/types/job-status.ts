import * as z from 'zod'
import { f, message, opt } from './field.ts'
import { int32, text, time } from './scalars.ts'

export const jobCondition = message('batch/v1.JobCondition', {
  type: f(1, text),
  status: f(2, text),
  lastProbeTime: opt(3, time, { byValue: true }),
  lastTransitionTime: opt(4, time, { byValue: true }),
  reason: opt(5, text),
  message: opt(6, text),
})
export type JobCondition = z.infer<typeof jobCondition>

export const uncountedTerminatedPods = message('batch/v1.UncountedTerminatedPods', {
  succeeded: opt(1, z.array(text), { list: 'set' }),
  failed: opt(2, z.array(text), { list: 'set' }),
})

export const jobStatus = message(
  'batch/v1.JobStatus',
  {
    conditions: opt(1, z.array(jobCondition), {
      description: 'Whether it is complete, has failed or waits.',
      list: 'atomic',
      patch: 'merge',
      key: 'type',
    }),
    startTime: opt(2, time, { description: 'When it began.' }),
    completionTime: opt(3, time, { description: 'When it was complete.' }),
    active: opt(4, int32, { description: 'How many pods run.' }),
    succeeded: opt(5, int32, { description: 'How many pods have succeeded.' }),
    failed: opt(6, int32, { description: 'How many pods have failed.' }),
    terminating: opt(11, int32, { description: 'How many pods are ending.', ptr: true }),
    completedIndexes: opt(7, text, { description: 'Which indexes have succeeded.' }),
    failedIndexes: opt(10, text, { description: 'Which indexes have failed.', ptr: true }),
    uncountedTerminatedPods: opt(8, uncountedTerminatedPods),
    ready: opt(9, int32, { description: 'How many pods are ready.', ptr: true }),
  },
  { description: 'What has become of a Job.' },
)
export type JobStatus = z.infer<typeof jobStatus>
