import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { failure } from '@bramble/shared/api/api-status.ts'
import type { Entry } from '../../store/store.ts'
import { type Call, nowOf } from '../call.ts'
import { deepFreeze } from '../json.ts'
import { objectOrRemnant } from '../objects/stored/remnant.ts'
import { bookmarkObject, formOf, partialMetadata, storedMetadata } from '../answers/response.ts'
import { toTable } from '../answers/table.ts'

/** What a watcher is told, in the form that it asked for; who follows metadata or tables knows no other type, for a bookmark either. */
export type EventForms = {
  /** `as`: the object to show instead of the entry's. */
  readonly of: (type: RawWatchEvent['type'], entry: Entry, as?: KubeObject) => RawWatchEvent
  readonly bookmark: (revision: number, annotations?: Readonly<Record<string, string>>) => RawWatchEvent
}

export function eventForms(call: Call): EventForms {
  const { api, kind, request } = call
  // Shared by all watches, so that an event is serialised once.
  const { texts } = api
  const form = formOf(request)
  let withColumns = true
  const wrapped = (type: RawWatchEvent['type'], resourceVersion: string, object: object): RawWatchEvent =>
    new ShownEvent(type, resourceVersion, object)
  const tableOf = (object: KubeObject, resourceVersion: string) => {
    if (form.type !== 'table') return object
    const table = toTable({ ...form, kind, objects: [object], listMeta: { resourceVersion }, now: nowOf(api), withColumns })
    withColumns = false
    return table
  }
  return {
    of(type, entry, as) {
      const resourceVersion = String(entry.revision)
      const stored = () =>
        type === 'DELETED' ? objectOrRemnant(api.registry, kind, entry).object : api.registry.objectOf<KubeObject>(kind, entry)
      const object = () => as ?? stored()
      if (form.type === 'metadata')
        return wrapped(
          type,
          resourceVersion,
          as === undefined && type !== 'DELETED' ? storedMetadata(call, form, entry) : partialMetadata(object(), form),
        )
      if (form.type === 'table') return wrapped(type, resourceVersion, tableOf(object(), resourceVersion))
      return as === undefined ? texts.eventOf(kind, type, entry) : wrapped(type, resourceVersion, as)
    },
    bookmark(revision, annotations) {
      const resourceVersion = String(revision)
      const whole = bookmarkObject(call, revision, annotations)
      // A bookmark has no name and no time; a table says so in its cells.
      const bare = whole as unknown as KubeObject
      const object = form.type === 'metadata' && form.of !== 'anything' ? partialMetadata(whole, form) : tableOf(bare, resourceVersion)
      return wrapped('BOOKMARK', resourceVersion, deepFreeze(object))
    },
  }
}

export function errorEvent(thrown: unknown): RawWatchEvent {
  const error = isApiError(thrown)
    ? thrown
    : new ApiError('InternalError', 'the watch was ended by the hub; list again and go on from there')
  const object = failure(error)
  return { type: 'ERROR', resourceVersion: '', object, text: eventText('ERROR', JSON.stringify(object)) }
}

const eventText = (type: RawWatchEvent['type'], object: string): string => `{"type":"${type}","object":${object}}`

// A class, for the reason of `frame.ts`: a literal with getters lies in the old generation with all that they see.
class ShownEvent implements RawWatchEvent {
  readonly type: RawWatchEvent['type']
  readonly resourceVersion: string
  readonly object: object

  constructor(type: RawWatchEvent['type'], resourceVersion: string, object: object) {
    this.type = type
    this.resourceVersion = resourceVersion
    this.object = object
  }

  get text(): string {
    return eventText(this.type, exactJson(this.object))
  }
}
