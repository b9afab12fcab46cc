import type { Clock } from '../clock.ts'

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
  burst,
  perSecond,
  atMost,
}: {
  readonly clock: Clock
  readonly burst: number
  readonly perSecond: number
  readonly atMost?: number
}): Allowance {
  const buckets = new Map<string, { left: number; at: number }>()
  let sweepAt = 64
  const refill = (bucket: { left: number; at: number }, now: number) => {
    bucket.left = Math.min(burst, bucket.left + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
  }
  const sweep = (now: number) => {
    for (const [who, bucket] of buckets) {
      refill(bucket, now)
      if (bucket.left >= burst) buckets.delete(who)
    }
    sweepAt = Math.max(64, 2 * buckets.size)
  }
  return {
    take(who, amount = 1) {
      const now = clock.monotonic()
      if (buckets.size >= sweepAt) sweep(now)
      let bucket = buckets.get(who)
      if (bucket === undefined) {
        const [quietest] = buckets.keys()
        if (atMost !== undefined && buckets.size >= atMost && quietest !== undefined) buckets.delete(quietest)
        buckets.set(who, (bucket = { left: burst, at: now }))
      } else if (atMost !== undefined) {
        buckets.delete(who)
        buckets.set(who, bucket)
      }
      refill(bucket, now)
      if (bucket.left < amount) return false
      bucket.left -= amount
      return true
    },
    forget: (who) => void buckets.delete(who),
  }
}
