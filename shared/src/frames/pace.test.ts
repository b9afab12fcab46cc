import { expect, test } from 'vitest'
import { ackBytes, largePartBytes, partBytes } from './limits.ts'
import { Pace } from './pace.ts'

function paced(bytesPerMs: number): Pace {
  let now = 0
  const pace = new Pace({ monotonic: () => now })
  pace.begin()
  for (let lumps = 0; lumps < 100; lumps += 1) {
    now += ackBytes / bytesPerMs
    pace.acknowledged(ackBytes)
  }
  return pace
}

const paceAt = (bytesPerMs: number) => paced(bytesPerMs).partBytes

test('frames are as large as goes in a few milliseconds, between the two sizes that there are', () => {
  expect(paceAt(100)).toBe(partBytes)
  expect(paceAt(4_096)).toBe(partBytes)
  expect(paceAt(8_192)).toBe(2 * partBytes)
  expect(paceAt(100_000)).toBe(largePartBytes)
})

test('a link that becomes slow has small frames again, and what was not on its way is not measured', () => {
  let now = 0
  const pace = new Pace({ monotonic: () => now })
  const acknowledged = (bytes: number, ms: number) => {
    now += ms
    pace.acknowledged(bytes)
  }
  pace.begin()
  acknowledged(1_000_000, 20)
  expect(pace.partBytes).toBe(largePartBytes)
  now += 60_000
  pace.begin()
  acknowledged(1_000_000, 20)
  expect(pace.partBytes).toBe(largePartBytes)
  acknowledged(20_000, 100)
  expect(pace.partBytes).toBe(partBytes)
})
