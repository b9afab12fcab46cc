import { expect, test } from 'vitest'
import { isRenewalDue, yearMs } from './certificate-life.ts'

const to = Date.UTC(2029, 0, 1)
const ofTwoYears = { from: Date.UTC(2024, 0, 1), to }

test.each([
  ['with more than a year left', ofTwoYears, Date.UTC(2027, 6, 1), false],
  ['with less than a year left, however early it began', ofTwoYears, Date.UTC(2028, 1, 1), true],
  ['after its end', ofTwoYears, Date.UTC(2030, 0, 1), true],
  ['with more time left than anybody gives, because the clock ran ahead when it was made', ofTwoYears, to - 3 * yearMs, true],
  ['by a clock without a battery', ofTwoYears, 0, false],
  ['before half of a short life', { from: to - 1000, to }, to - 600, false],
  ['after half of a short life', { from: to - 1000, to }, to - 400, true],
])('a certificate %s', (_, life, at, wanted) => expect(isRenewalDue(life, at)).toBe(wanted))
