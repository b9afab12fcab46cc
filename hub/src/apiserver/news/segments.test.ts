import { expect, test } from 'vitest'
import type { Entry } from '../../store/store.ts'
import { type Segment, segmentsOf } from './segments.ts'

const entry = (key: string): Entry => ({ key, value: '', createRevision: 1, revision: 1 })
const numbered = (count: number) => Array.from({ length: count }, (_, index) => entry(`n${String(index).padStart(4, '0')}`))
const packed = (entries: readonly Entry[], before: readonly Segment<string>[] = []) => {
  const segments = segmentsOf(entries, before)
  for (const segment of segments) segment.made ??= 'packed'
  return segments
}
const madeAnew = (entries: readonly Entry[], before: readonly Segment<string>[]) =>
  segmentsOf(entries, before).filter(({ made }) => made === undefined).length
const all = (segments: readonly Segment<string>[]) => segments.flatMap(({ entries }) => entries)

test('a change, one more and one less each cost one segment, wherever they stand', () => {
  const entries = numbered(1000)
  const before = packed(entries)
  expect(before.length).toBeGreaterThan(10)
  expect(madeAnew(entries, before)).toBe(0)
  for (const at of [0, 1, 500, 999]) {
    const key = entries[at]?.key ?? ''
    expect(madeAnew(entries.with(at, entry(key)), before)).toBe(1)
    expect(madeAnew(entries.toSpliced(at, 1), before)).toBe(1)
    expect(madeAnew(entries.toSpliced(at + 1, 0, entry(`${key}-more`)), before)).toBe(1)
  }
  expect(madeAnew([entry('a'), ...entries], before)).toBe(1)
})

test('all entries are there in their order, whatever comes and goes, and no segment grows without end or is left nearly empty', () => {
  let entries: readonly Entry[] = numbered(300)
  let segments = packed(entries)
  const step = (next: readonly Entry[]) => {
    entries = next
    segments = packed(entries, segments)
    expect(all(segments)).toEqual(entries)
  }
  for (let round = 0; round < 40; round += 1)
    step(
      [...entries, ...Array.from({ length: 20 }, (_, index) => entry(`m${round}-${index}`))].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    )
  expect(Math.max(...segments.map((segment) => segment.entries.length))).toBeLessThanOrEqual(128)
  step(entries.filter((_, index) => index % 50 === 0))
  expect(segments.length).toBeLessThanOrEqual(3)
  step([])
  step(numbered(3))
})
