import * as z from 'zod'
import { defineKind } from '../kind.ts'
import { objectMeta } from '../meta/object-meta.ts'
import { objectReference } from '../types/references.ts'
import { f, message, opt } from '../types/field.ts'
import { int32, microTime, text, time } from '../types/scalars.ts'

export const eventSource = message('EventSource', {
  component: opt(1, text),
  host: opt(2, text),
})
export type EventSource = z.infer<typeof eventSource>

export const eventSeries = message('EventSeries', {
  count: opt(1, int32),
  lastObservedTime: opt(2, microTime),
})
export type EventSeries = z.infer<typeof eventSeries>

export const event = message('Event', {
  apiVersion: z.literal('v1'),
  kind: z.literal('Event'),
  metadata: f(1, objectMeta),
  involvedObject: f(2, objectReference),
  reason: opt(3, text),
  message: opt(4, text),
  source: opt(5, eventSource),
  firstTimestamp: opt(6, time),
  lastTimestamp: opt(7, time),
  count: opt(8, int32),
  type: opt(9, text),
  eventTime: opt(10, microTime),
  series: opt(11, eventSeries),
  action: opt(12, text),
  related: opt(13, objectReference),
  reportingComponent: f(14, text.default('')),
  reportingInstance: f(15, text.default('')),
})
export type Event = z.infer<typeof event>

export const events = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  durability: 'memory',
  ttlMs: 3_600_000,
  schema: event,
  description: '',
  columns: [],
})
