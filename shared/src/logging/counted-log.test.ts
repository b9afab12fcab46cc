import { expect, it } from 'vitest'
import { createCountedLog } from './counted-log.ts'
import { createLog } from './log.ts'
import { shownText } from '../text/shown-text.ts'

const setUp = () => {
  const lines: { readonly repeated?: number }[] = []
  let ms = 0
  const log = createLog({ write: (line) => void lines.push(JSON.parse(line)) })
  const counted = createCountedLog({ log, clock: { now: () => ms, monotonic: () => ms } })
  return { lines, counted, pass: (by: number) => (ms += by) }
}

it('a line that comes again is counted, and told once a minute with its count', () => {
  const { lines, counted, pass } = setUp()
  for (let n = 0; n < 1000; n++) counted.warn('a', {}, 'refused')
  expect(lines).toHaveLength(1)
  pass(60_000)
  counted.warn('a', {}, 'refused')
  expect(lines.map(({ repeated }) => repeated)).toEqual([undefined, 999])
})

it('a flood that varies its words writes no more than a bounded number of lines', () => {
  const { lines, counted } = setUp()
  for (let n = 0; n < 10_000; n++) counted.warn(`key ${n}`, {}, 'refused')
  expect(lines.length).toBeLessThan(300)
})

it('a text from outside is one line of bounded length', () => {
  expect(shownText('pi-7')).toBe('pi-7')
  expect(shownText('a\nb\u001b[31m\u2028c')).toBe('a\uFFFDb\uFFFD[31m\uFFFDc')
  expect(shownText('x'.repeat(1e6))).toHaveLength(81)
})
