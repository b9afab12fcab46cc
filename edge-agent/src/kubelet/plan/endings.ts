import type { ActiveTimeDeps } from './active-time.ts'

/** When the pods that end on this node began to. */
export type Endings = {
  /** Monotonic: when the first container of the pod was asked to stop; now, when none was. A pod has one grace, and it runs from here. */
  since(uid: string): number
  forget(uid: string): void
}

type Beginning = { readonly bootId: string; readonly at: number }

/** Kept on the disk: an agent that restarts in the middle of a grace gives what is left of it and not another one. */
export function createEndings({ facts, clock, bootId }: ActiveTimeDeps): Endings {
  const keyOf = (uid: string) => `ending/${uid}`
  return {
    since(uid) {
      const known = facts.get(keyOf(uid)) as Beginning | undefined // written below
      // What runs after a boot was started after it, and was never asked.
      if (known?.bootId === bootId) return known.at
      const at = clock.monotonic()
      facts.set(keyOf(uid), { bootId, at } satisfies Beginning)
      return at
    },
    forget: (uid) => facts.delete(keyOf(uid)),
  }
}
