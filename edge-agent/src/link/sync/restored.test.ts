import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { KubeObject } from '@bramble/shared/api/client.ts'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { pods } from '../../resources.ts'
import { hubSource } from './hub-source.ts'
import { releaseInTime, unlistedGrace } from './restored.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const hour = 3_600_000
const pod = (name: string, resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, resourceVersion },
})

function restoredAt(version: string) {
  const source = hubSource(createMemoryCache())
  source.replace('pods', pods, [pod('after', '95')], '100')
  source.replace('pods', pods, [], version)
  const over = new AbortController()
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const running = releaseInTime({ source, clock, grace: unlistedGrace }, over.signal)
  return {
    source,
    moveTo: (resourceVersion: string) => source.apply({ scope: 'pods', resource: pods, puts: [], deletes: [], resourceVersion }),
    async stop() {
      over.abort()
      await running
    },
  }
}

test('what a restored hub does not list is released after a day, if the hub has passed the version that was known', async () => {
  const { source, moveTo, stop } = restoredAt('50')
  moveTo('100')
  await vi.advanceTimersByTimeAsync(23 * hour)
  expect(source.isListDue('pods')).toBe(false)
  await vi.advanceTimersByTimeAsync(2 * hour)
  expect(source.isListDue('pods')).toBe(true)
  await stop()
})

test('and not before the hub has passed it, however long that takes', async () => {
  const { source, moveTo, stop } = restoredAt('50')
  await vi.advanceTimersByTimeAsync(100 * hour)
  expect(source.isListDue('pods')).toBe(false)
  moveTo('99')
  await vi.advanceTimersByTimeAsync(hour)
  expect(source.isListDue('pods')).toBe(false)
  moveTo('101')
  await vi.advanceTimersByTimeAsync(hour)
  expect(source.isListDue('pods')).toBe(true)
  await stop()
})

test('a hub that is restored once more has a day again', async () => {
  const { source, moveTo, stop } = restoredAt('50')
  await vi.advanceTimersByTimeAsync(20 * hour)
  moveTo('200')
  source.replace('pods', pods, [], '150')
  source.replace('pods', pods, [pod('later', '190')], '250')
  source.replace('pods', pods, [], '240')
  moveTo('300')
  await vi.advanceTimersByTimeAsync(5 * hour)
  expect(source.isListDue('pods')).toBe(false)
  await vi.advanceTimersByTimeAsync(20 * hour)
  expect(source.isListDue('pods')).toBe(true)
  await stop()
})
