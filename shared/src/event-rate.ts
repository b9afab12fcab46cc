import type { Clock } from './clock.ts'

/** Kubernetes' spam filter: a burst of 25 per object, then one every five minutes. */
const burst = 25
const refillMs = 300_000
const maxRemembered = 4_096

/** Whether one more event about an object may be told. The objects asked about least recently are forgotten first. */
export function createEventRate(clock: Clock): (objectKey: string) => boolean {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (objectKey) => {
    const now = clock.monotonic()
    const bucket = buckets.get(objectKey) ?? { tokens: burst, at: now }
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs)
    bucket.at = now
    buckets.delete(objectKey)
    buckets.set(objectKey, bucket)
    const [oldest] = buckets.keys()
    if (buckets.size > maxRemembered && oldest !== undefined) buckets.delete(oldest)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}
