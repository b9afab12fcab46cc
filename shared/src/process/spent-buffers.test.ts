import { expect, test } from 'vitest'
import { spentBuffers } from './spent-buffers.ts'

test('buffers are collected when so many bytes of them have gone by, and not before', () => {
  let collections = 0
  const spend = spentBuffers(() => (collections += 1))
  for (let pieces = 0; pieces < 31; pieces += 1) spend(64 * 1024)
  expect(collections).toBe(0)
  spend(64 * 1024)
  expect(collections).toBe(1)
  for (let pieces = 0; pieces < 32; pieces += 1) spend(64 * 1024)
  expect(collections).toBe(2)
})

test('dead buffers do not pile up', () => {
  const spend = spentBuffers()
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let pieces = 0; pieces < 512; pieces += 1) {
    Buffer.allocUnsafeSlow(64 * 1024)
    spend(64 * 1024)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  expect(most).toBeLessThan(8 * 1024 * 1024)
})
