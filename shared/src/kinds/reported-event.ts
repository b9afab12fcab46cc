import { type Column, defineKind } from '../schema/kind.ts'
import { type ReportedEvent, reportedEvent } from '../types/reported-event.ts'
import { events } from './event.ts'
import { coreEventOf, eventStorage, validateEvent, validateEventUpdate, validateNewEvent } from './rules/events.ts'

export const reportedEvents = defineKind<ReportedEvent>({
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  toldGroup: '',
  schema: reportedEvent,
  description: 'The events of the core group under the names that newer clients use: the same objects, with stricter rules for new ones.',
  durability: 'memory',
  ...{ ttlMs: events.ttlMs, kept: events.kept },
  storage: eventStorage,
  ownsNothing: true,
  createsOnUpdate: true,
  columns: events.columns.map(({ cell, ...column }): Column<ReportedEvent> => ({
    ...column,
    cell: (event, now) => cell(coreEventOf(event), now),
  })),
  selectableFields: Object.fromEntries(
    Object.entries(events.selectableFields ?? {})
      .filter(([field]) => field !== 'source')
      .map(([field, read]) => [
        field.replace('involvedObject.', 'regarding.').replace('reportingComponent', 'reportingController'),
        (event: ReportedEvent) => read(coreEventOf(event)),
      ]),
  ),
  validate: (event) => validateEvent(coreEventOf(event)),
  validateCreate: (event) => validateNewEvent(coreEventOf(event)),
  validateUpdate: (next, previous) => validateEventUpdate(coreEventOf(next), coreEventOf(previous)),
})
