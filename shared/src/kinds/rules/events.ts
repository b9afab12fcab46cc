import { type FieldError, fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import { isSameJson } from '../../json/same-json.ts'
import { checkQualifiedName } from '../../meta/names.ts'
import { isTold } from '../../schema/always-written.ts'
import type { Storage } from '../../schema/storage.ts'
import type { Event } from '../../types/event.ts'
import type { ReportedEvent } from '../../types/reported-event.ts'
import { checked, immutable } from './field-errors.ts'

/** What is called otherwise in `events.k8s.io`, by its name in the core group. */
const otherNames = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
} as const

const toCore = new Map<string, string>(Object.entries(otherNames).map(([core, other]) => [other, core]))
const fromCore = new Map<string, string>(Object.entries(otherNames))

const renamed = (object: object, names: ReadonlyMap<string, string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]))

/** Of what this group leaves out when it is empty the core group always has something. */
export const coreEventOf = (event: ReportedEvent): Event =>
  ({ reportingComponent: '', reportingInstance: '', involvedObject: {}, ...renamed(event, toCore) }) as Event // what the names of the one are in the other

function reportedEventOf(event: Event): ReportedEvent {
  const reported = renamed(event, fromCore)
  for (const field of ['reportingController', 'reportingInstance']) if (reported[field] === '') delete reported[field]
  return reported as ReportedEvent // as above
}

/** The events of both groups are the same objects, and lie there as those of the core group. */
export const eventStorage: Storage = {
  group: '',
  version: 'v1',
  others: {
    'events.k8s.io/v1': {
      // Each gets an object of the version that it is for.
      toStored: (object) => coreEventOf(object as ReportedEvent),
      fromStored: (object) => reportedEventOf(object as Event),
    },
  },
}

const longest = 128
const longestNote = 1024

/** Of every event, in whichever group; Kubernetes tells the fields of both by the same names. */
export function validateEvent(event: Event): FieldError[] {
  const { metadata, involvedObject, eventTime } = event
  const { namespace = '' } = involvedObject
  const own = metadata.namespace ?? ''
  const isNew = isTold(eventTime)
  // Of objects without a namespace the events are kept in `default`; only those that say when they happened may stand elsewhere than their object.
  const fits = namespace === '' ? own === 'default' || (isNew && own === 'kube-system') : isNew || own === namespace
  return [
    ...(fits ? [] : [fieldInvalid('involvedObject.namespace', namespace, 'does not match event.namespace')]),
    ...(isNew ? validateReport(event) : []),
  ]
}

function validateReport({ reportingComponent, reportingInstance, action = '', reason = '', message = '' }: Event): FieldError[] {
  const short = (field: string, value: string, most: number) =>
    Buffer.byteLength(value) > most ? [fieldInvalid(field, '', `can have at most ${most} characters`)] : []
  const needed = (field: string, value: string) => [...(value === '' ? [fieldRequired(field)] : []), ...short(field, value, longest)]
  return [
    ...(reportingComponent === '' ? [fieldRequired('reportingController')] : []),
    ...checked('reportingController', reportingComponent, checkQualifiedName),
    ...needed('reportingInstance', reportingInstance),
    ...needed('action', action),
    ...needed('reason', reason),
    ...short('message', message, longestNote),
  ]
}

/** What `events.k8s.io` asks of a new event beside. */
export function validateNewEvent({ eventTime, type = '', source, ...event }: Event): FieldError[] {
  const unset = (field: 'firstTimestamp' | 'lastTimestamp' | 'count') =>
    (event[field] ?? 0) === 0 ? [] : [fieldInvalid(field, '', 'needs to be unset')]
  return [
    ...validateSeries(event),
    ...(isTold(eventTime) ? [] : [fieldRequired('eventTime')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [fieldInvalid('type', '', `has invalid value: ${type}`)]),
    ...unset('firstTimestamp'),
    ...unset('lastTimestamp'),
    ...unset('count'),
    ...((source?.component ?? '') === '' && (source?.host ?? '') === '' ? [] : [fieldInvalid('source', '', 'needs to be unset')]),
  ]
}

const fixed = [
  ...(['involvedObject', 'reason', 'message', 'source', 'firstTimestamp', 'lastTimestamp', 'count', 'type'] as const),
  ...(['eventTime', 'action', 'related', 'reportingComponent', 'reportingInstance'] as const),
]

/** By way of `events.k8s.io` an event gets a longer series and nothing else. */
export const validateEventUpdate = (next: Event, previous: Event): FieldError[] => [
  ...(isSameJson(next.series, previous.series) ? [] : validateSeries(next)),
  ...fixed
    .filter((field) => (isTold(next[field]) || isTold(previous[field])) && !isSameJson(next[field], previous[field]))
    .map((field) => immutable(field === 'reportingComponent' ? 'reportingController' : field, next[field] ?? null)),
]

function validateSeries({ series }: Pick<Event, 'series'>): FieldError[] {
  if (series === undefined) return []
  return [
    ...((series.count ?? 0) < 2 ? [fieldInvalid('series.count', '', 'should be at least 2')] : []),
    ...(isTold(series.lastObservedTime) ? [] : [fieldRequired('series.lastObservedTime')]),
  ]
}
