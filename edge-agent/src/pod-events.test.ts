import type { Event } from '@bramble/shared/types/event.ts'
import { expect, test } from 'vitest'
import { samplePod } from './kubelet/testing/samples.ts'
import { createPodEvents } from './pod-events.ts'

function start() {
  const told: Event[] = []
  let now = Date.parse('2026-06-01T12:00:00Z')
  const clock = { now: () => now, monotonic: () => now }
  const { emit, forget } = createPodEvents({ node: 'node-1', clock, tell: (event) => told.push(event) })
  return { told, emit, forget, pass: (ms: number) => (now += ms) }
}

test('what happens again raises the count of the event that told it first', () => {
  const { told, emit, pass } = start()
  const pod = samplePod({
    initContainers: [{ name: 'first', image: 'busybox:1' }],
    ephemeralContainers: [{ name: 'debug', image: 'busybox:1' }],
  })
  emit(pod, 'Normal', 'Started', 'Started container main', 'main')
  pass(10_000)
  emit(pod, 'Normal', 'Started', 'Started container main', 'main')
  emit(pod, 'Normal', 'Started', 'Started container first', 'first')
  emit(pod, 'Normal', 'Started', 'Started container debug', 'debug')
  expect(told.map(({ count, firstTimestamp, lastTimestamp }) => ({ count, firstTimestamp, lastTimestamp }))).toEqual([
    { count: 1, firstTimestamp: '2026-06-01T12:00:00Z', lastTimestamp: '2026-06-01T12:00:00Z' },
    { count: 2, firstTimestamp: '2026-06-01T12:00:00Z', lastTimestamp: '2026-06-01T12:00:10Z' },
    { count: 1, firstTimestamp: '2026-06-01T12:00:10Z', lastTimestamp: '2026-06-01T12:00:10Z' },
    { count: 1, firstTimestamp: '2026-06-01T12:00:10Z', lastTimestamp: '2026-06-01T12:00:10Z' },
  ])
  expect(told[1]?.metadata.name).toBe(told[0]?.metadata.name)
  expect(told.map(({ involvedObject }) => involvedObject.fieldPath)).toEqual([
    'spec.containers{main}',
    'spec.containers{main}',
    'spec.initContainers{first}',
    'spec.ephemeralContainers{debug}',
  ])
})

test('a pod that fails all day costs a few events an hour', () => {
  const { told, emit, pass } = start()
  for (let second = 0; second < 3600; second += 1, pass(1000)) emit(samplePod(), 'Warning', 'Unhealthy', `probe ${second} failed`)
  expect(told.length).toBeGreaterThan(25)
  expect(told.length).toBeLessThan(40)
})

test('of a pod that is gone nothing is remembered, and of its neighbours everything', () => {
  const { told, emit, forget } = start()
  const [gone, neighbour] = [samplePod(), samplePod()].map((pod, index) => ({ ...pod, metadata: { ...pod.metadata, uid: `u${index}` } }))
  if (gone === undefined || neighbour === undefined) throw new Error('there are two')
  const tell = (pod: typeof gone, times: number) => {
    told.length = 0
    for (let time = 0; time < times; time += 1) emit(pod, 'Normal', 'Pulled', 'Container image is here')
    return told.map(({ count }) => count)
  }
  expect([tell(gone, 30).length, tell(neighbour, 30).length]).toEqual([25, 25])
  forget('u0')
  expect(tell(gone, 2)).toEqual([1, 2])
  expect(tell(neighbour, 1)).toEqual([])
})

test('texts of megabytes are told, and remembered, no longer than the API takes them', () => {
  const { told, emit } = start()
  const end = ' and so on'
  const text = 'x'.repeat(4_000_000)
  emit(samplePod(), 'Warning', 'Failed', `${text}${end}`)
  // Told apart by what is kept of them alone: it is the same event again.
  emit(samplePod(), 'Warning', 'Failed', `${text}, or otherwise`)
  expect(told.map(({ count, message = '' }) => [count, Buffer.byteLength(message)])).toEqual([
    [1, 1024],
    [2, 1024],
  ])
})
