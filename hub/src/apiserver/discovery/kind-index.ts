import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'

/** The kinds by the names that objects use. */
export type KindIndex = {
  byKind(apiVersion: string, kind: string): Kind | undefined
  /** Called when the kind is served no more, or in another form; at once if that is so already. Returns the unsubscriber. */
  whenGone(kind: Kind, listener: () => void): () => void
}

export function createKindIndex(kinds: KindSet): KindIndex {
  const names = derived(kinds, (all) => new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind])))
  const waiting = new Map<Kind, Set<() => void>>()
  kinds.onChange(({ removed }) => {
    for (const kind of removed) {
      const listeners = waiting.get(kind) ?? []
      waiting.delete(kind)
      for (const listener of listeners) listener()
    }
  })
  return {
    whenGone(kind, listener) {
      if (!kinds.all().includes(kind)) {
        listener()
        return () => {}
      }
      let listeners = waiting.get(kind)
      if (listeners === undefined) waiting.set(kind, (listeners = new Set()))
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    byKind: (apiVersion, kind) => names().get(`${apiVersion}/${kind}`),
  }
}
