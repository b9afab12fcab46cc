import type { Clock } from '@bramble/shared/clock.ts'

/** How long ago rollouts last moved. */
export type ProgressAges = {
  /** Milliseconds since we first saw the rollout say that it moved at `updatedAt`. */
  of(uid: string, updatedAt: string | undefined): number
  forget(uid: string): void
}

/**
 * By our own clock, which nobody sets: the time that a condition tells names the step and is not subtracted from. A hub that restarts
 * gives the whole deadline anew, because nobody knows how long it was off.
 */
export function createProgressAges(clock: Pick<Clock, 'monotonic'>): ProgressAges {
  const seen = new Map<string, { readonly updatedAt: string | undefined; readonly at: number }>()
  return {
    of(uid, updatedAt) {
      const known = seen.get(uid)
      if (known !== undefined && known.updatedAt === updatedAt) return clock.monotonic() - known.at
      seen.set(uid, { updatedAt, at: clock.monotonic() })
      return 0
    },
    forget: (uid) => void seen.delete(uid),
  }
}
