import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { Bucket } from './bucket.ts'

it('holds nothing of a change that its history has forgotten', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // there once the flag is set
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const bucket = new Bucket('/core/pods/', { floor: 0, isMemory: false })
  const key = '/core/pods/a/x'
  const change = (revision: number) => {
    const entry = { key, value: JSON.stringify(Array.from({ length: 50_000 }, () => revision)), createRevision: 1, revision }
    bucket.apply({ type: 'put', entry, previous: bucket.get(key) })
    bucket.forgetOldest()
  }
  change(1)
  const before = heap()
  for (let revision = 2; revision <= 200; revision++) change(revision)
  expect(bucket.historyLength).toBe(0)
  expect(heap() - before).toBeLessThan(2 * 1024 * 1024)
})
