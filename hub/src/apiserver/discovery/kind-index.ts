import { type Kind, apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { derived, type KindSet } from '@bramble/shared/schema/kind-set.ts'

/** The kinds by the names that objects use. */
export type KindIndex = {
  byKind(apiVersion: string, kind: string): Kind | undefined
  /** Whether objects of the kind are made at this moment, maybe in another form of it than when somebody began to make one. */
  isMade(kind: Kind): boolean
  /**
   * Called when the kind is served no more, or in another form; at once if that is so already. A definition that begins to go leaves its
   * kind as it is: who follows that hears of every object that goes. Returns the unsubscriber.
   */
  whenGone(kind: Kind, listener: () => void): () => void
}

export function createKindIndex(kinds: KindSet): KindIndex {
  const names = derived(kinds, (all) => new Map(all.map((kind) => [`${apiVersionOf(kind)}/${kind.kind}`, kind])))
  const waiting = new Map<Kind, Set<() => void>>()
  kinds.onChange(({ added, removed }) => {
    for (const kind of removed) {
      const listeners = waiting.get(kind) ?? new Set()
      waiting.delete(kind)
      const going = added.find((next) => isGoing(kind, next))
      if (going !== undefined) waiting.set(going, listeners)
      else for (const listener of listeners) listener()
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

/** The same, but that no more of it is made. */
const isGoing = (kind: Kind, next: Kind): boolean =>
  next.definedBy !== undefined &&
  next.definedBy === kind.definedBy &&
  next.version === kind.version &&
  next.resource === kind.resource &&
  kind.verbs === undefined &&
  next.verbs !== undefined
