import { invalid, type FieldError } from '@bramble/shared/api/api-error.ts'
import type { Call } from '../call.ts'
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

export function watchQuery({ api, kind, request: { query } }: Call): WatchQuery {
  const asked = parseResourceVersion(query.get('resourceVersion'))
  const bookmarks = isTrue(query.get('allowWatchBookmarks'))
  const match = query.get('resourceVersionMatch') ?? ''
  const wantsInitial = query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : undefined
  const errors = initialEventsErrors(match, wantsInitial)
  if (errors.length > 0) throw invalid({ ...kind, kind: 'ListOptions', group: 'meta.k8s.io' }, '', errors)
  return {
    sendInitial: wantsInitial ?? (asked ?? 0) === 0,
    announcesEnd: wantsInitial === true && bookmarks,
    from: asked === 0 ? undefined : asked,
    bookmarks,
    timeoutMs: timeoutOf(queryNumber(query, 'timeoutSeconds'), api.random),
  }
}

function initialEventsErrors(match: string, wantsInitial: boolean | undefined): readonly FieldError[] {
  const forbidden = (field: string, message: string): FieldError => ({
    reason: 'FieldValueForbidden',
    field,
    message: `Forbidden: ${message}`,
  })
  if (wantsInitial !== undefined && match !== 'NotOlderThan')
    return [forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')]
  if (wantsInitial === undefined && match !== '')
    return [forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')]
  return []
}

function timeoutOf(seconds: number | undefined, random: () => number): number {
  if (seconds === undefined || seconds <= 0) return defaultTimeoutMs * (1 + random())
  return Math.min(seconds * 1000, longestTimeoutMs)
}
