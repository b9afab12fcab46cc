import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Write } from '../../../store/store.ts'
import { claimWrites } from './claims.ts'
import type { Registry } from '../registry.ts'
import { eachResourceOnce } from '@bramble/shared/schema/served.ts'
import { createSkipping } from '../stored/skipping.ts'

/** For objects from before there were claims, or when these had other names. Of two that have the same the first keeps it; the other is told in the log. */
export async function claimStored(registry: Registry, kinds: readonly Kind[], log: Log): Promise<void> {
  const { store } = registry
  const skipping = createSkipping(log)
  for (const kind of eachResourceOnce(kinds).filter(({ claims }) => claims !== undefined))
    for (const entry of store.list(registry.prefixOf(kind)).entries) {
      const missing: Write[] = []
      skipping(entry, () => missing.push(...claimWrites(store, kind, { key: entry.key, object: registry.objectOf(kind, entry) })))
      for (const { key, value, expected } of missing) {
        try {
          if (value === null) {
            await store.delete(key, expected)
            continue
          }
          const { type } = await store.create(key, value)
          if (type === 'conflict')
            log.error({ object: entry.key, claim: key }, 'two objects have what only one may have: delete one of them')
        } catch (error) {
          // A full disk must not keep a hub from starting; the next start tries again.
          log.warn({ object: entry.key, error: messageOf(error) }, 'what an object has could not be noted')
        }
      }
    }
}
