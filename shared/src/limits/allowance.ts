import type { Clock } from '../clock.ts'
import { LatestMap } from './latest-map.ts'
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
export function createAllowance({
  clock,
  atMost = Infinity,
  ...rate
}: Rate & { readonly clock: Clock; readonly atMost?: number }): Allowance {
  const buckets = new LatestMap<string, TokenBucket>({ count: atMost })
  let sweepAt = 64
  const sweep = (now: number) => {
    for (const [who, bucket] of buckets) if (bucket.isFull(now)) buckets.delete(who)
    sweepAt = Math.max(64, 2 * buckets.count)
  }
  return {
    take(who, amount) {
      const now = clock.monotonic()
      if (buckets.count >= sweepAt) sweep(now)
      const bucket = buckets.get(who) ?? new TokenBucket(rate, now)
      buckets.set(who, bucket)
      return bucket.take(now, amount)
    },
    forget: (who) => buckets.delete(who),
  }
}
