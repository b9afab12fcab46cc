import { every } from '@bramble/shared/async/every.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Kind } from '@bramble/shared/kind.ts'
import { type Sample, splitSamples } from '@bramble/shared/samples.ts'
import type { Service } from '@bramble/shared/service.ts'
import type { Registry } from './registry.ts'

const everyMs = 60_000

export type ExpiryDeps = { readonly registry: Registry; readonly kinds: readonly Kind[]; readonly clock: Clock }

/** Drops objects of the kinds with a time to live once they are older than it. How many there may be is the store's (`memory-bounds.ts`). */
export const createExpiry = (deps: ExpiryDeps): Service => ({
  name: 'expiry',
  async run(signal) {
    const look = createExpiryLook(deps)
    for await (const _ of every(everyMs, signal)) await look()
  },
})

/**
 * One look after the other. An object is as old as its last change, which its revision tells: times in objects come from clocks that
 * are set, or from nodes that may write what they like, and one from the future would outlive all others.
 */
export function createExpiryLook({ registry, kinds, clock }: ExpiryDeps): () => Promise<void> {
  const { store } = registry
  const mortal = kinds.flatMap((kind) => (kind.ttlMs === undefined ? [] : [{ kind, ttlMs: kind.ttlMs }]))
  const longestMs = Math.max(0, ...mortal.map(({ ttlMs }) => ttlMs))
  let samples: readonly Sample[] = []
  return async () => {
    const now = clock.monotonic()
    samples = [...samples, { at: now, revision: store.revision }]
    for (const { kind, ttlMs } of mortal) {
      const { revision: oldest = 0 } = splitSamples(samples, now - ttlMs)
      const entries = [...store.list(registry.prefixOf(kind)).entries].sort((a, b) => a.revision - b.revision)
      for (const entry of entries) {
        if (entry.revision > oldest) break
        if (isTurnOver()) await nextTurn()
        await registry.remove(kind, entry)
      }
    }
    samples = splitSamples(samples, now - longestMs).kept
  }
}
