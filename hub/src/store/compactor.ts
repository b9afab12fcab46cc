import { every } from '@bramble/shared/async/every.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import { type Sample, splitSamples } from '@bramble/shared/async/samples.ts'
import type { Mark, Store } from './store.ts'

export type CompactorDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** How long changes are kept for those who resume a watch. An hour, because boards are away for longer than Kubernetes' five minutes. */
  readonly keepMs?: number
  /** Each round is at most one small transaction, and none when nothing became old. */
  readonly everyMs?: number
}

/** Forgets history by age; by number and bytes the store bounds it itself. */
export function createCompactor({ store, clock, log, keepMs = 3_600_000, everyMs = 600_000 }: CompactorDeps): Service {
  return {
    name: 'compactor',
    async run(signal) {
      let samples: readonly Sample<Mark>[] = []
      let isFailing = false
      for await (const _ of every(everyMs, signal)) {
        const now = clock.monotonic()
        const { newest, kept } = splitSamples([...samples, { at: now, stood: store.mark() }], now - keepMs)
        samples = kept
        if (newest === undefined) continue
        try {
          await store.compact(newest)
          isFailing = false
        } catch (error) {
          if (signal.aborted) return
          // A full disk heals, and what was to be dropped is dropped next time.
          if (!isFailing) log.warn({ error: messageOf(error) }, 'history could not be compacted')
          isFailing = true
        }
      }
    },
  }
}
