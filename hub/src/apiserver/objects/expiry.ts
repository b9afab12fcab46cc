import { every } from '@bramble/shared/async/every.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import { type Sample, splitSamples } from '@bramble/shared/async/samples.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { hubParts } from '../authz/hub-parts.ts'
import { originOfPart } from './origin.ts'
import type { Registry } from './registry.ts'

const everyMs = 60_000
const origin = originOfPart(hubParts.apiserver, 'delete')

export type ExpiryDeps = { readonly registry: Registry; readonly kinds: KindSet; readonly clock: Clock }

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
  const mortal = derived(kinds, (all) =>
    eachResourceOnce(all).flatMap((kind) => (kind.ttlMs === undefined ? [] : [{ kind, ttlMs: kind.ttlMs }])),
  )
  const samples = new Map<Kind, readonly Sample<number>[]>()
  return async () => {
    const now = clock.monotonic()
    for (const { kind, ttlMs } of mortal()) {
      const prefix = registry.prefixOf(kind)
      const sample = { at: now, stood: store.revisionOf(prefix) }
      const { newest: oldest = 0, kept } = splitSamples([...(samples.get(kind) ?? []), sample], now - ttlMs)
      // What is older than the time to live is gone after this look, and needs no sample any more.
      samples.set(kind, kept)
      const entries = [...store.list(prefix).entries].sort((a, b) => a.revision - b.revision)
      for (const entry of entries) {
        if (entry.revision > oldest) break
        if (isTurnOver()) await nextTurn()
        await registry.remove({ kind, origin, expected: entry })
      }
    }
  }
}
