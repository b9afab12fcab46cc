import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { eventSource } from './event.ts'
import { f, message, opt } from './field.ts'
import { objectReference } from './references.ts'
import { int32, microTime, text, time } from './scalars.ts'

const eventSeries = message('events.k8s.io/v1.EventSeries', {
  count: f(1, int32, { description: 'How often it happened so far.' }),
  lastObservedTime: opt(2, microTime, { byValue: true, description: 'When it happened last.' }),
})

export const reportedEvent = message('events.k8s.io/v1.Event', {
  apiVersion: z.literal('events.k8s.io/v1'),
  kind: z.literal('Event'),
  metadata: f(1, objectMeta),
  eventTime: opt(2, microTime, { byValue: true, description: 'When it happened first.' }),
  series: opt(3, eventSeries, { description: 'That it happened again.' }),
  reportingController: opt(4, text, { description: 'Who tells it, such as example.com/operator.' }),
  reportingInstance: opt(5, text, { description: 'Which of them.' }),
  action: opt(6, text, { description: 'What was done about it.' }),
  reason: opt(7, text, { description: 'What happened, in one word.' }),
  regarding: opt(8, objectReference, { description: 'What it happened to.', byValue: true }),
  related: opt(9, objectReference, { description: 'What else it is about.' }),
  note: opt(10, text, { description: 'What happened, in a sentence.' }),
  type: opt(11, text, { description: 'Normal, or Warning when someone should look.' }),
  deprecatedSource: opt(12, eventSource, { byValue: true }),
  deprecatedFirstTimestamp: opt(13, time, { byValue: true }),
  deprecatedLastTimestamp: opt(14, time, { byValue: true }),
  deprecatedCount: opt(15, int32),
})
export type ReportedEvent = z.infer<typeof reportedEvent>
