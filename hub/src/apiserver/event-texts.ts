import { exactJson } from '@bramble/shared/exact-json.ts'
import type { RawWatchEvent } from '@bramble/shared/api-request.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import type { Kind } from '@bramble/shared/kind.ts'
import type { Entry } from '../store/store.ts'
import type { Registry } from './registry.ts'
import { objectOrRemnant } from './remnant.ts'

/** Watch events made once for all watchers: the same change gives the same event, with its text made on first use. */
export type EventTexts = { eventOf(kind: Kind, type: RawWatchEvent['type'], entry: Entry): RawWatchEvent }

export function createEventTexts(registry: Registry): EventTexts {
  const events = new Map<string, RawWatchEvent>()
  return {
    eventOf(kind, type, entry) {
      const key = `${entry.revision} ${type}`
      let event = events.get(key)
      if (event === undefined) {
        events.set(key, (event = lazyEvent(registry, kind, type, entry)))
        if (events.size > kept) events.delete(events.keys().next().value as string) // not empty: just added to
      }
      return event
    },
  }
}

/** For a registry that one watcher has to itself. */
export const freshEventTexts = (registry: Registry): EventTexts => ({
  eventOf: (kind, type, entry) => lazyEvent(registry, kind, type, entry),
})

/** Watchers of a change ask for it within the same turn, so few are enough; those who wait for slow readers hold on to theirs. */
const kept = 512

function lazyEvent(registry: Registry, kind: Kind, type: RawWatchEvent['type'], entry: Entry): RawWatchEvent {
  let text: string | undefined
  const objectText = (): string => {
    const gone = type === 'DELETED' ? objectOrRemnant(registry, kind, entry) : undefined
    return gone?.isRemnant === true ? exactJson(gone.object) : registry.textOf(kind, entry)
  }
  return {
    type,
    resourceVersion: String(entry.revision),
    get object() {
      return type === 'DELETED' ? objectOrRemnant(registry, kind, entry).object : registry.objectOf<KubeObject>(kind, entry)
    },
    get text() {
      text ??= `{"type":"${type}","object":${objectText()}}`
      return text
    },
  }
}
