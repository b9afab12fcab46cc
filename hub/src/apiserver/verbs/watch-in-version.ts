import type { Entry, StoreEvent } from '../../store/store.ts'
import type { Call } from '../call.ts'

type Forward = (events: readonly StoreEvent[]) => void
/** `isBusy`: something waits to be told. */
type Told = { readonly forward: Forward; readonly isBusy: boolean }

/** So many are asked for at once. */
const batch = 250

/**
 * Changes in the version that is watched, told in their order: where somebody else converts, when he has. As many may wait for him as for a slow
 * reader. `end` hears when a change cannot be told, or too many wait.
 */
export function inVersion({ api, kind, request: { signal } }: Call, forward: Forward, end: (error?: Error) => void): Told {
  if (kind.storage?.elsewhere === undefined) return { forward, isBusy: false }
  const waiting: StoreEvent[] = []
  let isBusy = false
  let hasEnded = false
  const giveUp = (error?: Error) => {
    hasEnded = true
    waiting.length = 0
    end(error)
  }
  const run = async (): Promise<void> => {
    isBusy = true
    try {
      while (waiting.length > 0 && !signal.aborted) {
        const events = waiting.splice(0, batch)
        const told = await converted(events)
        if (!hasEnded) forward(told)
      }
    } catch (error) {
      giveUp(error as Error) // nothing else is thrown
    } finally {
      isBusy = false
    }
  }
  const converted = async (events: readonly StoreEvent[]): Promise<readonly StoreEvent[]> => {
    const entries = events.flatMap(({ entry, previous }) => (previous === undefined ? [entry] : [entry, previous]))
    const seen = await api.registry.allInVersion(kind, entries)
    const of = new Map<Entry, Entry>(entries.map((entry, index) => [entry, seen[index] ?? entry]))
    const shown = (entry: Entry): Entry => of.get(entry) ?? entry
    return events.map((event) => ({
      ...event,
      entry: shown(event.entry),
      ...(event.previous !== undefined && { previous: shown(event.previous) }),
    }))
  }
  return {
    forward(events) {
      if (hasEnded) return
      waiting.push(...events)
      if (waiting.length > api.watchQueue) return giveUp()
      if (!isBusy) void run()
    },
    get isBusy() {
      return isBusy
    },
  }
}
