import { expect, test } from 'vitest'
import { createReplayWindow, type Answer } from './replay-window.ts'

const answer = (status: number, body = '{}'): Answer => ({ status, body: Buffer.from(body) })
const at = (start = 0) => {
  let time = start
  return { now: () => time, monotonic: () => time, pass: (ms: number) => (time += ms) }
}

test('a repeated key gets the first answer and does nothing', async () => {
  const window = createReplayWindow(at())
  let calls = 0
  const run = async () => (calls++, answer(201))
  expect(await window.once('k', run)).toEqual(answer(201))
  expect(await window.once('k', run)).toEqual(answer(201))
  expect(calls).toBe(1)
})

test('a key repeated while the first is still being done waits for it', async () => {
  const window = createReplayWindow(at())
  let finish: (value: Answer) => void = () => {}
  const first = window.once('k', () => new Promise((resolve) => (finish = resolve)))
  const second = window.once('k', () => Promise.reject(new Error('must not run')))
  finish(answer(200))
  expect(await second).toEqual(await first)
})

test('an answer that says "try again" is not kept', async () => {
  const window = createReplayWindow(at())
  await window.once('k', async () => answer(503))
  expect((await window.once('k', async () => answer(201))).status).toBe(201)
})

test('keys are forgotten after five minutes, and beyond a number', async () => {
  const clock = at()
  const window = createReplayWindow(clock)
  await window.once('old', async () => answer(201))
  clock.pass(6 * 60_000)
  expect((await window.once('old', async () => answer(409))).status).toBe(409)
  for (let index = 0; index < 10_000; index++) await window.once(`k${index}`, async () => answer(200))
  expect(window.size).toBeLessThanOrEqual(4097)
})
