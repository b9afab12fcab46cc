import type { Clock } from '../clock.ts'
import { type Rate, TokenBucket } from './token-bucket.ts'

export type Allowance = {
  /** Whether `who` may have so much more now; it is taken then. */
  take(who: string, amount?: number): boolean
  /** `who` is gone and never asks again. */
  forget(who: string): void
}

/**
 * Each asker has `burst`, which comes back at `perSecond`. Whoever has it all back is forgotten, so that memory follows the busy ones;
 * of more than `atMost` of those the one who has not asked for longest is forgotten as well.
 */
export function createAllowance({ clock, atMost, ...rate }: Rate & { readonly clock: Clock; readonly atMost?: number }): Allowance {
  const buckets = new Map<string, TokenBucket>()
  let sweepAt = 64
  const sweep = (now: number) => {
    for (const [who, bucket] of buckets) if (bucket.isFull(now)) buckets.delete(who)
    sweepAt = Math.max(64, 2 * buckets.size)
  }
  return {
    take(who, amount) {
      const now = clock.monotonic()
      if (buckets.size >= sweepAt) sweep(now)
      let bucket = buckets.get(who)
      if (bucket === undefined) {
        const [quietest] = buckets.keys()
        if (atMost !== undefined && buckets.size >= atMost && quietest !== undefined) buckets.delete(quietest)
        buckets.set(who, (bucket = new TokenBucket(rate, now)))
      } else if (atMost !== undefined) {
        buckets.delete(who)
        buckets.set(who, bucket)
      }
      return bucket.take(now, amount)
    },
    forget: (who) => void buckets.delete(who),
  }
}
