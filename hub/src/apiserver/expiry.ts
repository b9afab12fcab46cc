import { every } from '@bramble/shared/async/every.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { KubeObject } from '@bramble/shared/client.ts'
import type { Kind } from '@bramble/shared/kind.ts'
import type { Service } from '@bramble/shared/service.ts'
import type { Entry } from '../store/store.ts'
import type { Registry } from './registry.ts'

const everyMs = 60_000

export type ExpiryDeps = { readonly registry: Registry; readonly kinds: readonly Kind[]; readonly clock: Clock }

/** Drops objects of the kinds with a time to live once they are older than it, and the oldest of those that are too many. */
export const createExpiry = ({ registry, kinds, clock }: ExpiryDeps): Service => ({
  name: 'expiry',
  async run(signal) {
    for await (const _ of every(everyMs, signal)) await dropExpired({ registry, kinds, clock })
  },
})

export async function dropExpired({ registry, kinds, clock }: ExpiryDeps): Promise<void> {
  for (const kind of kinds) {
    if (kind.ttlMs === undefined) continue
    const touched: { readonly entry: Entry; readonly at: number }[] = []
    for (const entry of registry.store.list(registry.prefixOf(kind)).entries) {
      if (isTurnOver()) await nextTurn()
      touched.push({ entry, at: lastTouched(registry.objectOf<KubeObject>(kind, entry)) })
    }
    touched.sort((a, b) => a.at - b.at)
    const oldest = clock.now() - kind.ttlMs
    const surplus = touched.length - (kind.keptMost ?? Infinity)
    for (const [index, { entry, at }] of touched.entries()) if (index < surplus || at < oldest) await registry.remove(kind, entry)
  }
}

/** An event that is counted up again has happened now. */
function lastTouched(object: KubeObject): number {
  const { lastTimestamp, series } = object as { lastTimestamp?: string; series?: { lastObservedTime?: string } } // of events only
  const times = [object.metadata.creationTimestamp, lastTimestamp, series?.lastObservedTime].map((time) => Date.parse(time ?? ''))
  return Math.max(...times.filter((time) => !Number.isNaN(time)), 0)
}
