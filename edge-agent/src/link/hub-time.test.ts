import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createHubTime } from './hub-time.ts'

const day = 24 * 3600 * 1000
const year = 365 * day
const told = Date.UTC(2026, 10, 27)
let folder: string
let now: number
let mono: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-time-'))
  now = told
  mono = 0
})
afterEach(() => rmSync(folder, { recursive: true }))
const file = () => join(folder, 'hub-time')
const open = () => createHubTime({ file: file(), clock: { now: () => now, monotonic: () => mono }, log: silentLog })

test.each([
  ['its own clock is right', told + day, told + 2 * day, false],
  ['its own clock is right, and it has ended', told + 2 * day, told + day, true],
  ['its own clock is years ahead', told + 14 * year, told + year, false],
  ['its own clock is years ahead, and it had ended when the hub was last heard', told + 14 * year, told - day, true],
  ['its own clock is before what the hub said', told - 20 * day, told - 30 * day, true],
  [
    'its own clock is before what the hub said when its clock ran ahead, and it had not ended by either',
    told - 20 * day,
    told - day,
    false,
  ],
])('whether a certificate is over on a board of an earlier life: %s', (_how, at, notAfter, isOver) => {
  open().heard(told)
  now = at
  expect(open().isOver(notAfter)).toBe(isOver)
})

test('a node that never heard its hub has its own clock alone, and one whose note is damaged too', () => {
  now = told + 14 * year
  expect(open().isOver(told)).toBe(true)
  writeFileSync(file(), 'x')
  expect(open().isOver(told)).toBe(true)
})

test('what the hub said is counted on, whatever the own clock does meanwhile', () => {
  const time = open()
  expect(time.now()).toBeUndefined()
  time.heard(told)
  now += 14 * year
  mono += 3 * day
  expect(time.now()).toBe(told + 3 * day)
  expect(time.isOver(told + 2 * day)).toBe(true)
  expect(time.isOver(told + 4 * day)).toBe(false)
})

test('the card is written once a day at most', () => {
  const time = open()
  time.heard(told)
  utimesSync(file(), 1, 1)
  time.heard(told + day / 2)
  expect(statSync(file()).mtimeMs).toBe(1000)
  time.heard(told + 2 * day)
  expect(statSync(file()).mtimeMs).toBeGreaterThan(1000)
})

test('a card that cannot be written costs nothing but the note', () => {
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'in the way')
  const time = open()
  time.heard(told)
  expect(time.now()).toBe(told)
})
