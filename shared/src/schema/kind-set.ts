import { checkComesLate, checkFits } from './fitting-kinds.ts'
import type { Kind } from './kind.ts'

/** The kinds that are served: those built in, and others that come and go while the hub runs. The store is opened with the first. */
export type KindSet = {
  /** All of them now; another array after each change. */
  all(): readonly Kind[]
  /** Called after each change. Returns the unsubscriber. */
  onChange(listener: (change: KindChange) => void): () => void
}

export type KindChange = { readonly added: readonly Kind[]; readonly removed: readonly Kind[] }

export type ChangingKindSet = KindSet & {
  /**
   * Throws if the resource, or the name of the kind, is taken in its group and version, if two versions do not fit each other,
   * or if the store would have to be opened anew for it.
   */
  add(kind: Kind): void
  remove(kind: Kind): void
  /** Both in one change: nobody sees a resource without the version that stays. */
  replace(old: readonly Kind[], next: readonly Kind[]): void
  /** Throws as `replace` would, and changes nothing. */
  check(old: readonly Kind[], next: readonly Kind[]): void
}

export function createKindSet(first: readonly Kind[]): ChangingKindSet {
  const listeners = new Set<(change: KindChange) => void>()
  let kinds = withChecked([], first)
  const checked = (old: readonly Kind[], added: readonly Kind[]) => {
    const next = withChecked(
      kinds.filter((kind) => !old.includes(kind)),
      added,
    )
    for (const kind of added) checkComesLate(kind, first)
    return next
  }
  const replace = (old: readonly Kind[], added: readonly Kind[]) => {
    const removed = kinds.filter((kind) => old.includes(kind))
    if (removed.length === 0 && added.length === 0) return
    kinds = checked(old, added)
    for (const listener of listeners) listener({ added, removed })
  }
  return {
    all: () => kinds,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add: (kind) => replace([], [kind]),
    remove: (kind) => replace([kind], []),
    replace,
    check: (old, next) => void checked(old, next),
  }
}

/** Those that stay fit each other already. */
function withChecked(staying: readonly Kind[], added: readonly Kind[]): readonly Kind[] {
  const kinds = [...staying]
  for (const kind of added) {
    checkFits(kind, kinds)
    kinds.push(kind)
  }
  return kinds
}

/** What follows from all kinds (or from what follows from them): worked out when it is asked for, and anew after they have changed. */
export function derived<S, T>(set: { all(): S }, make: (all: S) => T): () => T {
  let made: { readonly from: S; readonly value: T } | undefined
  return () => {
    const from = set.all()
    if (made?.from !== from) made = { from, value: make(from) }
    return made.value
  }
}
