import * as z from 'zod'
import { objectMeta } from '../meta/object-meta.ts'
import { f, message, opt } from './field.ts'
import { objectReference } from './references.ts'
import { int32, microTime, text, time } from './scalars.ts'

export const eventSource = message('EventSource', {
  component: opt(1, text),
  host: opt(2, text),
})
export type EventSource = z.infer<typeof eventSource>

export const eventSeries = message('EventSeries', {
  count: opt(1, int32),
  lastObservedTime: opt(2, microTime, { byValue: true }),
})
export type EventSeries = z.infer<typeof eventSeries>

export const event = message('Event', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Event'),
  metadata: f(1, objectMeta),
  involvedObject: f(2, objectReference, { description: 'What it happened to.' }),
  reason: opt(3, text, { description: 'What happened, in one word.' }),
  message: opt(4, text, { description: 'What happened, in a sentence.' }),
  source: opt(5, eventSource, { byValue: true }),
  firstTimestamp: opt(6, time, { byValue: true, description: 'When it happened first.' }),
  lastTimestamp: opt(7, time, { byValue: true, description: 'When it happened last.' }),
  count: opt(8, int32, { description: 'How often it happened.' }),
  type: opt(9, text, { description: 'Normal, or Warning when someone should look.' }),
  eventTime: opt(10, microTime, { byValue: true }),
  series: opt(11, eventSeries),
  action: opt(12, text),
  related: opt(13, objectReference),
  reportingComponent: f(14, text.default('')),
  reportingInstance: f(15, text.default('')),
})
export type Event = z.infer<typeof event>
