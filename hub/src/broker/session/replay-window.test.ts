import { expect, test } from 'vitest'
import type { Answer } from './answer.ts'
import { createReplayWindow } from './replay-window.ts'

const answer = (status: number, body = '{}'): Answer => ({ status, body: Buffer.from(body) })
const at = (start = 0) => {
  let time = start
  return { now: () => time, monotonic: () => time, pass: (ms: number) => (time += ms) }
}

test('a repeated key gets the first answer and does nothing', async () => {
  const window = createReplayWindow(at())
  let calls = 0
  const run = async () => (calls++, answer(201))
  expect(await window.once('pi-1', 'k', run)).toEqual(answer(201))
  expect(await window.once('pi-1', 'k', run)).toEqual(answer(201))
  expect(calls).toBe(1)
})

test('a key repeated while the first is still being done waits for it', async () => {
  const window = createReplayWindow(at())
  let finish: (value: Answer) => void = () => {}
  const first = window.once('pi-1', 'k', () => new Promise((resolve) => (finish = resolve)))
  const second = window.once('pi-1', 'k', () => Promise.reject(new Error('must not run')))
  finish(answer(200))
  expect(await second).toEqual(await first)
})

test('an answer that says "try again" is not kept', async () => {
  const window = createReplayWindow(at())
  await window.once('pi-1', 'k', async () => answer(503))
  expect((await window.once('pi-1', 'k', async () => answer(201))).status).toBe(201)
})

test('keys are forgotten after two minutes, and beyond a number', async () => {
  const clock = at()
  const window = createReplayWindow(clock)
  await window.once('pi-1', 'old', async () => answer(201))
  clock.pass(2 * 60_000 + 1)
  expect((await window.once('pi-1', 'old', async () => answer(409))).status).toBe(409)
  for (let index = 0; index < 10_000; index++) await window.once('pi-1', `k${index}`, async () => answer(200))
  expect(window.size).toBeLessThanOrEqual(1025)
})

test('one node cannot push out what another may still ask for again', async () => {
  const window = createReplayWindow(at())
  await window.once('pi-1', 'k', async () => answer(201))
  for (let index = 0; index < 5000; index++) await window.once('evil', `k${index}`, async () => answer(200, 'x'.repeat(20_000)))
  expect(window.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(await window.once('pi-1', 'k', async () => answer(409))).toEqual(answer(201))
})

test('many nodes together are bounded too, and who holds most gives first', async () => {
  const window = createReplayWindow(at())
  await window.once('pi-1', 'k', async () => answer(201))
  for (let node = 0; node < 20; node++)
    for (let index = 0; index < 10; index++) await window.once(`evil-${node}`, `k${index}`, async () => answer(200, 'x'.repeat(300_000)))
  expect(window.bytes).toBeLessThanOrEqual(16 * 1024 * 1024)
  expect(await window.once('pi-1', 'k', async () => answer(409))).toEqual(answer(201))
})

test('who holds least gives nothing, and all others down to the same, so that there is room for a thousand more', async () => {
  const window = createReplayWindow(at())
  const MiB = 1024 * 1024
  const fill = async (node: string, count: number) => {
    for (let index = 0; index < count; index++) await window.once(node, `k${index}`, async () => answer(200, 'x'.repeat(64 * 1024)))
  }
  const keptOf = async (node: string, count: number) => {
    const asked = Array.from({ length: count }, (_, index) => window.once(node, `k${index}`, async () => answer(503)))
    return (await Promise.all(asked)).filter(({ status }) => status === 200).length
  }
  await fill('small', 16)
  for (const node of ['a', 'b', 'c']) await fill(node, 64)
  await fill('last', 48)
  expect(window.bytes).toBe(16 * MiB)
  await window.once('one-more', 'k', async () => answer(200))
  expect(window.bytes).toBeLessThanOrEqual(15 * MiB)
  expect(window.bytes).toBeGreaterThan(14.5 * MiB)
  expect(await Promise.all(['small', 'a', 'b', 'c', 'last'].map((node) => keptOf(node, 64)))).toEqual([16, 58, 58, 58, 48])
})
