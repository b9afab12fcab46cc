import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HoldUp } from './hold-up.ts'
import { Inlet } from './inlet.ts'

const kib = 1024

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function connection({ isShared = true } = {}) {
  const [stuck, other] = [new Inlet(128 * kib), new Inlet(128 * kib)]
  const holdUp = new HoldUp({ inlets: () => [stuck, other], isShared: () => isShared })
  const givenUp: string[] = []
  const push = (inlet: Inlet, bytes: number) => {
    inlet.push(new Uint8Array(bytes))
    return holdUp.after(inlet, (error) => {
      givenUp.push(error.message)
      inlet.fail(error)
    })
  }
  return { stuck, other, push, givenUp }
}

test('a connection is read on past one that is full until much waits in all', async () => {
  const { stuck, other, push } = connection()
  const paused = push(stuck, 200 * kib)
  await vi.advanceTimersByTimeAsync(100)
  await paused
  expect(push(stuck, 700 * kib)).toBeUndefined()
  const held = push(stuck, 200 * kib)
  expect(held).toBeInstanceOf(Promise)
  expect(push(other, 64 * kib)).toBeUndefined()
  const reader = stuck[Symbol.asyncIterator]()
  for (let piece = 0; piece < 3; piece += 1) await reader.next()
  expect(stuck.isFull).toBe(true)
  void reader.next() // by which it has taken the one before
  await held
})

test('who is only slower than his caller is waited for, and holds no more than one inlet', async () => {
  const { stuck, push } = connection()
  const reader = stuck[Symbol.asyncIterator]()
  const paused = push(stuck, 200 * kib)
  expect(paused).toBeInstanceOf(Promise)
  await reader.next()
  void reader.next() // by which it has taken it
  await paused
})

test('who takes nothing any more is given up, and the connection goes on', async () => {
  const { stuck, push, givenUp } = connection()
  const held = push(stuck, 2000 * kib)
  await vi.advanceTimersByTimeAsync(15_000)
  await held
  expect(givenUp).toEqual([expect.stringContaining('taken nothing of this connection for 15 s')])
  await expect(
    stuck[Symbol.asyncIterator]()
      .next()
      .then(() => stuck.hasEnded),
  ).resolves.toBe(true)
})

test.each([
  ['takes little', true],
  ['is alone', false],
])('who %s is waited for', async (_, isShared) => {
  const { stuck, push, givenUp } = connection({ isShared })
  for (let pieces = 0; pieces < 100; pieces += 1) stuck.push(new Uint8Array(20 * kib))
  const held = push(stuck, 20 * kib)
  const reader = stuck[Symbol.asyncIterator]()
  await reader.next()
  for (let look = 0; look < 4; look += 1) {
    if (isShared) await reader.next()
    await vi.advanceTimersByTimeAsync(15_000)
  }
  expect(givenUp).toEqual([])
  await reader.return(undefined)
  await held
})
