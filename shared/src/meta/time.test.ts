import { describe, expect, it } from 'vitest'
import { ageOf, canonicalMicroTime, canonicalTime, formatMicroTime, formatTime, humanDuration } from './time.ts'

describe('times of the API', () => {
  const at = new Date('2026-03-04T05:06:07.089Z')

  it('are UTC with whole seconds, or with six decimals where they are fine', () => {
    expect(formatTime(at)).toBe('2026-03-04T05:06:07Z')
    expect(formatMicroTime(at)).toBe('2026-03-04T05:06:07.089000Z')
  })

  it.each([
    ['2026-03-04T05:06:07Z', '2026-03-04T05:06:07Z', undefined],
    ['2026-03-04T07:06:07+02:00', '2026-03-04T05:06:07Z', undefined],
    ['2026-03-04T05:06:07.123456789Z', '2026-03-04T05:06:07Z', undefined],
    ['2026-03-04T07:06:07.123456+02:00', '2026-03-04T05:06:07Z', '2026-03-04T05:06:07.123456Z'],
    ['2026-03-04', undefined, undefined],
    ['2026-02-30T00:00:00Z', undefined, undefined],
    ['2026-13-01T00:00:00Z', undefined, undefined],
    ['tomorrow', undefined, undefined],
    ['', undefined, undefined],
  ])('%s is kept as %s', (text, seconds, micro) => {
    expect(canonicalTime(text)).toBe(seconds)
    expect(canonicalMicroTime(text)).toBe(micro)
  })
})

it('a time that is looked at digit by digit is the one that is taken apart', () => {
  const digits = '0123456789'
  const times = ['2026-03-04T05:06:07Z', '0000-01-01T00:00:00Z', '9999-12-28T23:59:59Z', '2024-02-28T20:00:00Z']
  // Each with one character for another at each place, and each number for another at each pair of places.
  const ones = times.flatMap((time) =>
    [...time].flatMap((_, at) => [...digits, '/', ':', '-', 'T', 'Z', ' '].map((one) => time.slice(0, at) + one + time.slice(at + 1))),
  )
  const pairs = times.flatMap((time) =>
    [0, 2, 5, 8, 11, 14, 17].flatMap((at) =>
      Array.from({ length: 100 }, (_, number) => `${time.slice(0, at)}${String(number).padStart(2, '0')}${time.slice(at + 2)}`),
    ),
  )
  // A fraction is left out again, and always takes the longer way.
  for (const text of [...ones, ...pairs]) expect([text, canonicalTime(text)]).toEqual([text, canonicalTime(text.replace(/Z$/, '.0Z'))])
})

describe('an age', () => {
  const second = 1000
  const minute = 60 * second
  const hour = 60 * minute
  const day = 24 * hour
  it.each([
    [-5 * second, '<invalid>'],
    [-1.5 * second, '0s'],
    [0, '0s'],
    [45 * second, '45s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [3 * minute + 10 * second, '3m10s'],
    [10 * minute + 10 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [5 * hour + 20 * minute, '5h20m'],
    [8 * hour + 20 * minute, '8h'],
    [47 * hour, '47h'],
    [3 * day + 4 * hour, '3d4h'],
    [8 * day + 4 * hour, '8d'],
    [400 * day, '400d'],
    [740 * day, '2y10d'],
    [9 * 365 * day, '9y'],
  ])('of %i ms is printed as %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text)
  })

  it('of a time that is not known is said to be so', () => {
    expect(ageOf(undefined, new Date())).toBe('<unknown>')
    expect(ageOf('2026-03-04T05:06:07Z', new Date('2026-03-04T05:07:07Z'))).toBe('60s')
  })
})
