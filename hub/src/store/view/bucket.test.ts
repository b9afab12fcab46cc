import { expect, it } from 'vitest'
import { heapAfterCollection } from '../../testing/heap.ts'
import { Bucket } from './bucket.ts'

it('holds nothing of a change that its history has forgotten', () => {
  const bucket = new Bucket('/core/pods/', { floor: 0, isMemory: false })
  const key = '/core/pods/a/x'
  const change = (revision: number) => {
    const entry = { key, value: JSON.stringify(Array.from({ length: 50_000 }, () => revision)), createRevision: 1, revision }
    bucket.apply({ type: 'put', entry, previous: bucket.get(key) })
    bucket.forgetOldest()
  }
  change(1)
  const before = heapAfterCollection()
  for (let revision = 2; revision <= 200; revision++) change(revision)
  expect(bucket.historyLength).toBe(0)
  expect(heapAfterCollection() - before).toBeLessThan(2 * 1024 * 1024)
})
