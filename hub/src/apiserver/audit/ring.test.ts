import { expect, it } from 'vitest'
import { createRing } from './ring.ts'

const line = (by: string, number: number) => `${by} ${number} ${'x'.repeat(200)}`
const of = (lines: readonly string[], by: string) =>
  lines.filter((text) => text.startsWith(`${by} `)).map((text) => Number(text.split(' ')[1]))

it('keeps the newest, in order, within its bound', () => {
  const ring = createRing(16 * 1024)
  for (let number = 0; number < 1000; number++) ring.push(line('a', number), 'a')
  const kept = of(ring.lines(), 'a')
  expect(kept.length).toBeGreaterThan(45)
  expect(kept.length * 300).toBeLessThan(17 * 1024)
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 1000 - kept.length + index))
})

it('a flood of one pushes out what is told of himself, and of nobody else', () => {
  const ring = createRing(16 * 1024)
  for (let number = 0; number < 5; number++) ring.push(line('quiet', number), 'quiet')
  for (let number = 0; number < 10_000; number++) ring.push(line('loud', number), 'loud')
  ring.push(line('quiet', 5), 'quiet')
  expect(of(ring.lines(), 'quiet')).toEqual([0, 1, 2, 3, 4, 5])
  expect(ring.lines().at(-1)).toContain('quiet 5')
})

it('two who are loud share what there is, and a thousand names find room as well', () => {
  const ring = createRing(16 * 1024)
  for (let number = 0; number < 1000; number++) for (const by of ['a', 'b']) ring.push(line(by, number), by)
  const [a, b] = [of(ring.lines(), 'a').length, of(ring.lines(), 'b').length]
  expect(Math.abs(a - b)).toBeLessThan(10)
  for (let number = 0; number < 1000; number++) ring.push(line(`n${number}`, 0), `n${number}`)
  expect(ring.lines().join('').length).toBeLessThan(16 * 1024)
  expect(ring.lines().length).toBeGreaterThan(40)
})

it('counts what is not Latin at what it takes, and a line that has no room is not kept', () => {
  const ring = createRing(4096)
  for (let number = 0; number < 100; number++) ring.push('家'.repeat(100), 'a')
  expect(ring.lines().length).toBeLessThan(4096 / 200)
  ring.push('x'.repeat(10_000), 'a')
  expect(ring.lines()).toEqual([])
})
