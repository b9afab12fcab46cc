import { expect, test } from 'vitest'
import { Ahead, leastAheadBytes } from './ahead.ts'
import { ackBytes } from './limits.ts'

const most = 256 * 1024

/** A link that carries so many bytes a millisecond, with its bound full all the time, acknowledged in lumps. */
function link() {
  let now = 0
  let onWay = 0
  const ahead = new Ahead({ monotonic: () => now }, () => most)
  return {
    carry(bytes: number, bytesPerMs: number): number {
      for (let left = bytes; left > 0; left -= ackBytes) {
        for (; onWay < ahead.bytes; onWay += ackBytes) ahead.sent(ackBytes)
        now += ackBytes / bytesPerMs
        onWay -= ackBytes
        ahead.acknowledged(ackBytes)
      }
      return ahead.bytes
    },
  }
}

test('a fast link is full after some rounds', () => {
  const { carry } = link()
  expect(carry(ackBytes, 1000)).toBeLessThan(most / 2)
  expect(carry(2 * most, 1000)).toBe(most)
})

test('a slow one never has more on its way than it carries in some seconds', () => {
  expect(link().carry(4 * most, 8)).toBe(leastAheadBytes)
  expect(link().carry(4 * most, 128)).toBeLessThan(most)
})

test('one that becomes slow has less on its way after some rounds, and one that is fast again more', () => {
  const { carry } = link()
  carry(2 * most, 1000)
  expect(carry(8 * most, 8)).toBe(leastAheadBytes)
  expect(carry(2 * most, 1000)).toBe(most)
})
