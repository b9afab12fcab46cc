import type { RawWatchEvent } from '@bramble/shared/api-request.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import type { Kind } from '@bramble/shared/kind.ts'
import type { Entry } from '../store/store.ts'
import type { Registry } from './registry.ts'

/** Watch events made once for all watchers: the same change gives the same event, with its text made on first use. */
export type EventTexts = { eventOf(kind: Kind, type: RawWatchEvent['type'], entry: Entry): RawWatchEvent }

export function createEventTexts(registry: Registry): EventTexts {
  // As long as the store keeps an entry in its history, its events are worth keeping.
  const events = new WeakMap<Entry, Map<string, RawWatchEvent>>()
  return {
    eventOf(kind, type, entry) {
      let ofEntry = events.get(entry)
      if (ofEntry === undefined) events.set(entry, (ofEntry = new Map()))
      let event = ofEntry.get(type)
      if (event === undefined) ofEntry.set(type, (event = lazyEvent(registry, kind, type, entry)))
      return event
    },
  }
}

function lazyEvent(registry: Registry, kind: Kind, type: RawWatchEvent['type'], entry: Entry): RawWatchEvent {
  let text: string | undefined
  return {
    type,
    resourceVersion: String(entry.revision),
    get object() {
      return registry.objectOf<KubeObject>(kind, entry)
    },
    get text() {
      text ??= `{"type":"${type}","object":${registry.textOf(kind, entry)}}`
      return text
    },
  }
}
