import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('a burst goes at once, then one at a time, and it tells when', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 0.125 }, 0)
  expect(bucket.take(0)).toBe(true)
  expect([bucket.take(0), bucket.readyInMs(0)]).toEqual([false, 8_000])
  expect([bucket.take(4_000), bucket.readyInMs(4_000)]).toEqual([false, 4_000])
  expect(bucket.take(8_000)).toBe(true)
})

test('what is taken ahead is paid for by waiting, each for all before it', () => {
  const bucket = new TokenBucket({ burst: 2, perSecond: 1 }, 0)
  expect([0, 0, 0, 0].map((now) => bucket.takeAhead(now))).toEqual([0, 0, 1000, 2000])
  expect(bucket.takeAhead(2000)).toBe(1000)
  bucket.giveBack(1)
  expect(bucket.readyInMs(2000, 0)).toBe(0)
})

test('what comes back, by time or by hand, is never more than the burst', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 1 }, 0)
  bucket.giveBack(10)
  expect(bucket.isFull(0)).toBe(true)
  expect([bucket.take(1_000_000, 3), bucket.take(1_000_000), bucket.isFull(1_000_000)]).toEqual([true, false, false])
  expect(bucket.take(1_000_000, 4)).toBe(false)
})
