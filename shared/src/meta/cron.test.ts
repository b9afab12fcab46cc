import { describe, expect, it } from 'vitest'
import { isTimeZone, parseCron } from './cron.ts'

/** The values of a set of bits. */
const valuesOf = (bits: bigint): number[] => Array.from({ length: 64 }, (_, value) => value).filter((value) => (bits >> BigInt(value)) & 1n)

function fieldsOf(text: string) {
  const schedule = parseCron(text)
  if (schedule.type !== 'fields') throw new Error('expected fields')
  const { minutes, hours, days, months } = schedule
  return [minutes, hours, days.ofMonth.bits, months, days.ofWeek.bits].map((bits) => valuesOf(bits))
}

describe('a schedule', () => {
  it.each<[string, number, number[]]>([
    ['*/15 * * * *', 0, [0, 15, 30, 45]],
    ['5/20 * * * *', 0, [5, 25, 45]],
    ['1,2,50-52 * * * *', 0, [1, 2, 50, 51, 52]],
    ['0 8-18/5 * * *', 1, [8, 13, 18]],
    ['0 0 31 * *', 2, [31]],
    ['0 0 1 jan,MAR-apr *', 3, [1, 3, 4]],
    ['0 0 ? * mon-FRI', 4, [1, 2, 3, 4, 5]],
    ['@weekly', 4, [0]],
    ['TZ=UTC 7 * * * *', 0, [7]],
  ])('%s is read', (text, field, values) => {
    expect(fieldsOf(text)[field]).toEqual(values)
  })

  it('tells a star from a restriction', () => {
    const daysOf = (text: string) => {
      const schedule = parseCron(text)
      return schedule.type === 'fields' ? [schedule.days.ofMonth.isAny, schedule.days.ofWeek.isAny] : []
    }
    expect(daysOf('0 0 * * 1')).toEqual([true, false])
    expect(daysOf('0 0 */2 * *')).toEqual([false, true])
  })

  it.each([
    ['@every 1h30m', 5400],
    ['@every 10ms', 1],
  ])('%s is a period', (text, seconds) => {
    expect(parseCron(text)).toEqual({ type: 'every', seconds })
  })

  it.each([
    ['', 'empty spec string'],
    ['error', 'expected exactly 5 fields, found 1: [error]'],
    ['* * * * * *', 'expected exactly 5 fields, found 6: [* * * * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['9-5 * * * *', 'beginning of range (9) beyond end of range (5): 9-5'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['*/2/3 * * * *', 'too many slashes: */2/3'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['* * * * xyz', 'failed to parse int from xyz: strconv.Atoi: parsing "xyz": invalid syntax'],
    ['@reboot', 'unrecognized descriptor: @reboot'],
    ['@constructor', 'unrecognized descriptor: @constructor'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ['TZ=Nowhere/No 0 0 * * *', 'provided bad location Nowhere/No: unknown time zone Nowhere/No'],
  ])('%j is refused in the words of Kubernetes', (text, message) => {
    expect(() => parseCron(text)).toThrow(new Error(message))
  })
})

it.each([
  ['Europe/Berlin', true],
  ['Etc/UTC', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Mars/Olympus', false],
  ['+01:00', false],
  ['', false],
])('%j as a time zone: %s', (name, expected) => {
  expect(isTimeZone(name)).toBe(expected)
})

it('a duration of very many digits is refused without a look at each of them', () => {
  expect(() => parseCron(`@every ${'1'.repeat(500_000)}`)).toThrow(/^failed to parse duration @every 1/)
})
