import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { SealedDisk } from './disk/sealed-disk.ts'
import type { Store } from './store.ts'

const againMs = 60_000

export type ResealingDeps = {
  readonly store: Pick<Store, 'get' | 'update'>
  readonly sealed: Pick<SealedDisk, 'stale'>
  /** Hears that there are other keys. */
  readonly onChanged: (listener: () => void) => void
  readonly log: Log
}

/** Writes anew what an older key has sealed, each object as it is, so that the newest opens everything and the others can go. */
export function createResealing({ store, sealed, onChanged, log }: ResealingDeps): Service {
  const changed = createPulse()
  onChanged(() => changed.ring())

  async function round(signal: AbortSignal): Promise<number> {
    let written = 0
    for (const { key, revision } of sealed.stale()) {
      if (signal.aborted) break
      if (isTurnOver()) await nextTurn()
      const entry = store.get(key)
      // Otherwise it is history, which goes by itself.
      if (entry?.revision !== revision) continue
      const { type } = await store.update(key, entry.value, revision)
      if (type === 'written') written++
    }
    return written
  }

  return {
    name: 'resealing',
    async run(signal) {
      while (!signal.aborted) {
        let retryMs = Infinity
        try {
          const written = await round(signal)
          if (written > 0) log.info({ objects: written }, 'sealed anew with the newest key')
        } catch (error) {
          if (signal.aborted) return
          log.warn({ error: messageOf(error) }, 'not everything could be sealed anew, will retry')
          retryMs = againMs
        }
        await changed.wait(retryMs, signal)
      }
    },
  }
}
