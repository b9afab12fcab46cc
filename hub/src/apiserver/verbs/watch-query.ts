import { type FieldError, fieldForbidden, fieldNotSupported } from '@bramble/shared/api/api-error.ts'
import type { Call } from '../call.ts'
import { invalidListOptions } from '../query/list-options.ts'
import { queryNumber } from '../query/query-number.ts'
import { isTrue } from '../query/request-info.ts'
import { parseResourceVersion } from '../query/resource-version.ts'

/** A watch without `timeoutSeconds` ends after 30 to 60 minutes, so that watchers spread over servers again. */
const defaultTimeoutMs = 30 * 60_000
/** Timers hold no more than this; a longer watch would end at once. */
const longestTimeoutMs = 24 * 60 * 60_000

export type WatchQuery = {
  /** All that is there comes first, as ADDED. */
  readonly sendInitial: boolean
  /** A bookmark tells where what was there ends. */
  readonly announcesEnd: boolean
  readonly from: number | undefined
  readonly bookmarks: boolean
  readonly timeoutMs: number
}

export function watchQuery({ api, request: { query } }: Call): WatchQuery {
  const asked = parseResourceVersion(query.get('resourceVersion'))
  const bookmarks = isTrue(query.get('allowWatchBookmarks'))
  const match = query.get('resourceVersionMatch') ?? ''
  const wantsInitial = query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined
  const errors = initialEventsErrors(match, wantsInitial, (query.get('continue') ?? '') !== '')
  if (errors.length > 0) throw invalidListOptions(errors)
  // Of no use to a watch, but all of a query is read before anything of it is used.
  queryNumber(query, 'limit')
  return {
    sendInitial: wantsInitial ?? (asked ?? 0) === 0,
    announcesEnd: wantsInitial === true && bookmarks,
    from: asked === 0 ? undefined : asked,
    bookmarks,
    timeoutMs: timeoutOf(queryNumber(query, 'timeoutSeconds'), api.random),
  }
}

function initialEventsErrors(match: string, wantsInitial: boolean | undefined, continues: boolean): readonly FieldError[] {
  const field = 'resourceVersionMatch'
  const isGiven = match !== ''
  return [
    ...(wantsInitial !== undefined && match !== 'NotOlderThan'
      ? [fieldForbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
      : []),
    ...(isGiven && wantsInitial === undefined
      ? [fieldForbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')]
      : []),
    ...(isGiven && match !== 'NotOlderThan' ? [fieldNotSupported(field, match, ['NotOlderThan'])] : []),
    ...(isGiven && continues ? [fieldForbidden(field, 'resourceVersionMatch is forbidden when continue is provided')] : []),
  ]
}

function timeoutOf(seconds: number | undefined, random: () => number): number {
  if (seconds === undefined || seconds <= 0) return defaultTimeoutMs * (1 + random())
  return Math.min(seconds * 1000, longestTimeoutMs)
}
