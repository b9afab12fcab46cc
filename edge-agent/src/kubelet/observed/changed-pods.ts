import type { Observer } from './observe.ts'
import type { SeenPod } from './seen.ts'

/** Looks at the whole runtime: which pods are not as they were at the last look, or have come or gone. */
export function createChangedPods(observer: Pick<Observer, 'all'>) {
  let before: ReadonlyMap<string, string> = new Map()
  /** `isKept`: the look counts; what was found before it was is found again. */
  return async ({ signal, isKept }: { readonly signal: AbortSignal; readonly isKept: () => boolean }): Promise<readonly string[]> => {
    const now = new Map([...(await observer.all(signal))].map(([uid, seen]) => [uid, printOf(seen)]))
    const changed = [...new Set([...now.keys(), ...before.keys()])].filter((uid) => before.get(uid) !== now.get(uid))
    before = isKept() ? now : new Map()
    return changed
  }
}

const printOf = ({ sandboxes, containers }: SeenPod): string =>
  [...sandboxes.map(({ id, isReady }) => `${id} ${isReady}`), ...containers.map(({ id, state }) => `${id} ${state}`)].sort().join(',')
