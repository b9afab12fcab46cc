import { defineKind } from '../schema/kind.ts'
import { type Event, event } from '../types/event.ts'
import { nameColumn } from './rules/columns.ts'
import { eventStorage, validateEvent } from './rules/events.ts'

export const events = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: event,
  description:
    'Something that happened to an object, told by the component that did or saw it. Kept for an hour, in memory, the newest 4,000 or 8 MiB.',
  durability: 'memory',
  storage: eventStorage,
  nameRule: 'path-segment',
  ttlMs: 3_600_000,
  ownsNothing: true,
  createsOnUpdate: true,
  // More than anybody reads: a hundred pods that come and go in a minute make 500, and ordinary ones have less than a KiB.
  kept: { count: 4_000, bytes: 8 * 1024 * 1024 },
  columns: [
    { name: 'Last Seen', type: 'date', description: 'The time since it happened last.', cell: lastSeen },
    { name: 'Type', type: 'string', description: 'Normal, or Warning when someone should look.', cell: ({ type }) => type ?? '' },
    { name: 'Reason', type: 'string', description: 'What happened, in one word.', cell: ({ reason }) => reason ?? '' },
    {
      name: 'Object',
      type: 'string',
      description: 'The object it happened to.',
      cell: ({ involvedObject: { kind = '', name = '' } }) => `${kind.toLowerCase()}/${name}`,
    },
    {
      name: 'Subobject',
      type: 'string',
      description: 'The part of the object, such as one container.',
      priority: 1,
      cell: ({ involvedObject }) => involvedObject.fieldPath ?? '',
    },
    { name: 'Source', type: 'string', description: 'Who tells it.', priority: 1, cell: sourceText },
    { name: 'Message', type: 'string', description: 'What happened, in a sentence.', cell: ({ message }) => (message ?? '').trim() },
    { name: 'First Seen', type: 'date', description: 'The time since it happened first.', priority: 1, cell: firstSeen },
    {
      name: 'Count',
      type: 'integer',
      description: 'How often it happened.',
      priority: 1,
      cell: ({ series, count = 0 }) => series?.count ?? (count === 0 ? 1 : count),
    },
    { ...nameColumn, priority: 1 },
  ],
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent,
    source: ({ source, reportingComponent }) => source?.component || reportingComponent,
    type: ({ type }) => type ?? '',
  },
  validate: validateEvent,
})

function firstSeen({ firstTimestamp, eventTime }: Event): Event['eventTime'] {
  return firstTimestamp ?? eventTime
}

function lastSeen(object: Event): Event['eventTime'] {
  return object.series?.lastObservedTime ?? object.lastTimestamp ?? firstSeen(object)
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent
  const host = source?.host || reportingInstance
  return [component, host].filter((part) => part !== '').join(', ')
}
