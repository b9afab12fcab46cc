import type { KubeObject } from '@bramble/shared/api/client.ts'
import type { Kind } from '@bramble/shared/schema/kind.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Entry } from '../../../store/store.ts'
import type { Registry } from '../../objects/registry.ts'
import { createSkipping } from '../../objects/stored/skipping.ts'

/** What was made of each stored object of a kind, in the order of their names; the same array until one of them changes. */
export type Followed<T> = { all(): readonly T[]; close(): void }

export type FollowedDeps<O extends KubeObject, T> = {
  readonly registry: Registry
  readonly kind: Kind<O>
  readonly log: Log
  readonly make: (object: O) => T
}

/** Made anew from the store when it is asked for after a change; what has not changed is not made again. */
export function createFollowed<O extends KubeObject, T>({ registry, kind, log, make }: FollowedDeps<O, T>): Followed<T> {
  const { store } = registry
  const prefix = registry.prefixOf(kind)
  const made = new WeakMap<Entry, T>()
  const skipping = createSkipping(log)
  let known: readonly T[] | undefined
  const watch = store.watch(prefix, store.revisionOf(prefix), () => void (known = undefined))
  const read = (): readonly T[] =>
    store.list(prefix).entries.flatMap((entry) => {
      let one = made.get(entry)
      if (one === undefined)
        skipping(entry, () => {
          made.set(entry, (one = make(registry.objectOf(kind, entry))))
        })
      return one === undefined ? [] : [one]
    })
  return { all: () => (known ??= read()), close: () => watch.close() }
}
