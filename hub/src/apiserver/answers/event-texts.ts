import { exactJson } from '@bramble/shared/json/exact-json.ts'
import type { RawWatchEvent } from '@bramble/shared/api/api-request.ts'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Entry } from '../../store/store.ts'
import type { Registry } from '../objects/registry.ts'
import { objectOrRemnant } from '../objects/stored/remnant.ts'

/** Watch events made once for all watchers: the same change gives the same event, with its text made on first use. */
export type EventTexts = { eventOf(kind: Kind, type: RawWatchEvent['type'], entry: Entry): RawWatchEvent }

export function createEventTexts(registry: Registry): EventTexts {
  const events = new LatestMap<string, Kept>({ count: keptCount, size: keptLength, sizeOf: ({ length }) => length })
  return {
    eventOf(kind, type, entry) {
      const key = `${entry.revision} ${type} ${kind.group}/${kind.version}`
      const known = events.get(key)
      if (known?.kind === kind) return known.event
      const event = lazyEvent(registry, kind, type, entry)
      events.set(key, { event, kind, length: entry.value.length })
      return event
    },
  }
}

type Kept = { readonly event: RawWatchEvent; readonly kind: Kind; readonly length: number }

/** For a registry that one watcher has to itself. */
export const freshEventTexts = (registry: Registry): EventTexts => ({
  eventOf: (kind, type, entry) => lazyEvent(registry, kind, type, entry),
})

/**
 * Watchers of a change ask for it within the same turn, so few are enough; those who wait for slow readers hold on to theirs. A text
 * lies beside what is stored, so the length of all is bounded as well; one that is longer than that each makes for itself.
 */
const keptCount = 512
const keptLength = 4 * 1024 * 1024

const lazyEvent = (registry: Registry, kind: Kind, type: RawWatchEvent['type'], entry: Entry): RawWatchEvent =>
  new LazyEvent({ registry, kind, type, entry })

type Change = { readonly registry: Registry; readonly kind: Kind; readonly type: RawWatchEvent['type']; readonly entry: Entry }

// A class, for the reason of `frame.ts`: a literal with getters lies in the old generation with all that they see.
class LazyEvent implements RawWatchEvent {
  readonly type: RawWatchEvent['type']
  readonly resourceVersion: string
  readonly #change: Change
  #text: string | undefined

  constructor(change: Change) {
    this.type = change.type
    this.resourceVersion = String(change.entry.revision)
    this.#change = change
  }

  get object(): object {
    const { registry, kind, type, entry } = this.#change
    return type === 'DELETED' ? objectOrRemnant(registry, kind, entry).object : registry.objectOf<KubeObject>(kind, entry)
  }

  get text(): string {
    this.#text ??= `{"type":"${this.type}","object":${this.#objectText()}}`
    return this.#text
  }

  #objectText(): string {
    const { registry, kind, type, entry } = this.#change
    const gone = type === 'DELETED' ? objectOrRemnant(registry, kind, entry) : undefined
    return gone?.isRemnant === true ? exactJson(gone.object) : registry.textOf(kind, entry)
  }
}
