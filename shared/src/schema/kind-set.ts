import { apiVersionOf, type Kind } from './kind.ts'

/** The kinds that are served: those built in, and others that come and go while the hub runs. */
export type KindSet = {
  /** All of them now; another array after each change. */
  all(): readonly Kind[]
  /** Called after each change. Returns the unsubscriber. */
  onChange(listener: (change: KindChange) => void): () => void
}

export type KindChange = { readonly added: readonly Kind[]; readonly removed: readonly Kind[] }

export type ChangingKindSet = KindSet & {
  /** Throws if the resource, or the name of the kind, is taken in its group and version. */
  add(kind: Kind): void
  remove(kind: Kind): void
}

export function createKindSet(first: readonly Kind[]): ChangingKindSet {
  const listeners = new Set<(change: KindChange) => void>()
  let kinds = first
  const change = (next: readonly Kind[], told: KindChange) => {
    kinds = next
    for (const listener of listeners) listener(told)
  }
  return {
    all: () => kinds,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add(kind) {
      const twin = kinds.find(
        (other) => apiVersionOf(other) === apiVersionOf(kind) && (other.resource === kind.resource || other.kind === kind.kind),
      )
      if (twin !== undefined) throw new Error(`${apiVersionOf(kind)} has ${twin.resource} (${twin.kind}) already`)
      change([...kinds, kind], { added: [kind], removed: [] })
    },
    remove(kind) {
      if (!kinds.includes(kind)) return
      change(
        kinds.filter((other) => other !== kind),
        { added: [], removed: [kind] },
      )
    },
  }
}

/** What follows from all kinds: worked out when it is asked for, and anew after they have changed. */
export function derived<T>(set: KindSet, make: (kinds: readonly Kind[]) => T): () => T {
  let made: { readonly from: readonly Kind[]; readonly value: T } | undefined
  return () => {
    const from = set.all()
    if (made?.from !== from) made = { from, value: make(from) }
    return made.value
  }
}
