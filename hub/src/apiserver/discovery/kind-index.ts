import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'

/** The kinds by the names that objects use. */
export type KindIndex = {
  byKind(apiVersion: string, kind: string): Kind | undefined
  /** Whether objects of the kind are made at this moment, maybe in another form of it than when somebody began to make one. */
  isMade(kind: Kind): boolean
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
  const byKind: KindIndex['byKind'] = (apiVersion, kind) => names().get(`${apiVersion}/${kind}`)
  return {
    byKind,
    isMade(kind) {
      const now = byKind(apiVersionOf(kind), kind.kind)
      return now?.resource === kind.resource && (now.verbs === undefined || now.verbs.includes('create'))
    },
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
  }
}
