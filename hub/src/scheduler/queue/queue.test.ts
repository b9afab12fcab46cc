import { expect, test } from 'vitest'
import { podOf } from '../../client/test-hub.ts'
import { SchedulingQueue } from './queue.ts'
import { podInfoOf } from '../pods/pod-info.ts'

function newQueue() {
  const clock = { now: 0 }
  const queue = new SchedulingQueue({ now: () => clock.now, isUnblocked: (plugin, change) => plugin === 'Fit' && change === 'pod-gone' })
  return { queue, clock }
}
const info = (name: string, priority = 0, generation = 1) => podInfoOf(podOf(name, { priority }, { uid: name, generation }))

test('pods come out by priority and then by age', () => {
  const { queue, clock } = newQueue()
  for (const [name, priority] of [
    ['a', 0],
    ['b', 10],
    ['c', 0],
    ['d', 10],
  ] as const) {
    clock.now += 1
    queue.put(info(name, priority))
  }
  expect([queue.pop(), queue.pop(), queue.pop(), queue.pop(), queue.pop()].map((each) => each?.uid)).toEqual([
    'b',
    'd',
    'a',
    'c',
    undefined,
  ])
})

test('a refused pod waits for a change that matters to the plugin that refused it', () => {
  const { queue, clock } = newQueue()
  queue.put(info('a'))
  queue.pop()
  queue.refused('a', ['Fit'])
  clock.now += 1_000
  queue.changed('node-labels')
  expect(queue.pop()).toBeUndefined()
  queue.changed('pod-gone')
  expect(queue.pop()?.uid).toBe('a')
})

test('a pod that is refused again and again backs off', () => {
  const { queue, clock } = newQueue()
  queue.put(info('a'))
  const waits: number[] = []
  for (let attempt = 0; attempt < 9; attempt += 1) {
    queue.pop()
    queue.refused('a', ['Fit'])
    queue.changed('pod-gone')
    const wait = queue.nextDueMs() ?? 0
    waits.push(wait)
    clock.now += wait
  }
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
})

test('with no nodes at all a new node is what matters', () => {
  const { queue, clock } = newQueue()
  queue.put(info('a'))
  queue.pop()
  queue.refused('a', [])
  clock.now += 1_000
  queue.changed('pod-gone')
  expect(queue.pop()).toBeUndefined()
  queue.changed('node-added')
  expect(queue.pop()?.uid).toBe('a')
})

test('a pod that was forgotten by all events is tried again after five minutes', () => {
  const { queue, clock } = newQueue()
  queue.put(info('a'))
  queue.pop()
  queue.refused('a', ['Fit'])
  expect(queue.nextDueMs()).toBe(300_000)
  clock.now += 300_000
  expect(queue.pop()?.uid).toBe('a')
})

test('only a change of its spec or labels gives a refused pod another try, not the status we wrote ourselves', () => {
  const { queue, clock } = newQueue()
  queue.put(info('a'))
  queue.pop()
  queue.refused('a', ['Fit'])
  clock.now += 1_000
  queue.put(info('a'))
  expect(queue.pop()).toBeUndefined()
  queue.put(info('a', 0, 2))
  expect(queue.pop()?.uid).toBe('a')
})

test('a pod in hand is not handed out twice, and one whose bind failed comes back after its backoff', () => {
  const { queue, clock } = newQueue()
  queue.put(info('a'))
  queue.pop()
  expect(queue.pop()).toBeUndefined()
  queue.failed('a')
  expect(queue.pop()).toBeUndefined()
  clock.now += 100
  expect(queue.pop()?.uid).toBe('a')
})
