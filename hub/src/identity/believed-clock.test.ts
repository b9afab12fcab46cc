import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createBelievedClock } from './believed-clock.ts'

const day = 24 * 3600 * 1000
const year = 365 * day
const start = Date.UTC(2026, 10, 27)
let folder: string
let now: number
let mono: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'believed-'))
  now = start
  mono = 0
})
afterEach(() => rmSync(folder, { recursive: true }))
const path = () => join(folder, 'clock')
const open = () => createBelievedClock({ path: path(), clock: { now: () => now, monotonic: () => mono } })
const pass = (ms: number) => {
  now += ms
  mono += ms
}

test('a clock that jumps years ahead is not believed while the hub runs nor after a restart, and is when it is set right', () => {
  const first = open()
  first.keep()
  now += 14 * year
  pass(day)
  expect(first.now()).toBe(start + day)
  const second = open()
  expect(second.now()).toBe(start)
  now = start + 3 * day
  expect(second.now()).toBe(start + 3 * day)
})

test('a hub that lay in a drawer for years believes its clock after a week', () => {
  open().keep()
  now += 3 * year
  const clock = open()
  expect(clock.now()).toBe(start)
  pass(6 * day)
  expect(clock.now()).toBe(start + 6 * day)
  pass(2 * day)
  expect(clock.now()).toBe(now)
  clock.keep()
  expect(open().now()).toBe(now)
})

test.each([
  ['of some months', 200 * day],
  ['back, after it ran ahead when the hub was made', -300 * day],
])('a step %s is believed at once', (_how, step) => {
  open().keep()
  now += step
  expect(open().now()).toBe(now)
})

test('a clock from before any hub is worth less than what was known', () => {
  open().keep()
  now = 0
  const clock = open()
  pass(day)
  expect(clock.now()).toBe(start + day)
})

test('a hub that knows nothing, and one whose note is damaged, believe their clock', () => {
  expect(open().now()).toBe(start)
  writeFileSync(path(), 'x')
  expect(open().now()).toBe(start)
})
