import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { Duration, Fault, type Timestamp, type Value } from '../values.ts'
import { intOverflow } from './operators.ts'
import { dateOf, durationOf, floorMod, nanosPerSecond, readDuration, readTimestamp, timestampOf } from './time-texts.ts'

export const times = (): readonly Overload[] => [...made(), ...sums(), ...parts()]

const timeOverflow = new Fault('timestamp overflow')

function made(): readonly Overload[] {
  return [
    define('duration(string) duration', (text, budget) => {
      budget.pay(5)
      return readDuration(text) ?? new Fault(`time: invalid duration "${text.slice(0, 100)}"`)
    }),
    define('duration(duration) duration', (value) => value),
    define('duration(int) duration', (nanos) => new Duration(nanos)),
    define('timestamp(string) timestamp', (text, budget) => {
      budget.pay(10)
      return readTimestamp(text) ?? new Fault(`parsing time "${text.slice(0, 100)}" as "2006-01-02T15:04:05Z07:00": cannot parse`)
    }),
    define('timestamp(timestamp) timestamp', (value) => value),
    define('timestamp(int) timestamp', (seconds) => timestampOf(seconds * nanosPerSecond) ?? timeOverflow),
  ]
}

function sums(): readonly Overload[] {
  const duration = (nanos: bigint, budget: Budget): Value => {
    budget.pay(1)
    return durationOf(nanos) ?? intOverflow
  }
  const time = (nanos: bigint, budget: Budget): Value => {
    budget.pay(1)
    return timestampOf(nanos) ?? timeOverflow
  }
  return [
    define('_+_(duration, duration) duration', (a, b, budget) => duration(a.nanos + b.nanos, budget)),
    define('_-_(duration, duration) duration', (a, b, budget) => duration(a.nanos - b.nanos, budget)),
    define('_+_(timestamp, duration) timestamp', (a, b, budget) => time(a.nanos + b.nanos, budget)),
    define('_+_(duration, timestamp) timestamp', (a, b, budget) => time(a.nanos + b.nanos, budget)),
    define('_-_(timestamp, duration) timestamp', (a, b, budget) => time(a.nanos - b.nanos, budget)),
    define('_-_(timestamp, timestamp) duration', (a, b, budget) => duration(a.nanos - b.nanos, budget)),
  ]
}

const calendar: Readonly<Record<string, (local: Date) => number>> = {
  getFullYear: (at) => at.getUTCFullYear(),
  getMonth: (at) => at.getUTCMonth(),
  getDayOfYear: (at) =>
    Math.round((Date.UTC(2000, at.getUTCMonth(), at.getUTCDate()) - Date.UTC(2000, 0, 1)) / 86_400_000) -
    (at.getUTCMonth() > 1 && !isLeap(at.getUTCFullYear()) ? 1 : 0),
  getDayOfMonth: (at) => at.getUTCDate() - 1,
  getDate: (at) => at.getUTCDate(),
  getDayOfWeek: (at) => at.getUTCDay(),
  getHours: (at) => at.getUTCHours(),
  getMinutes: (at) => at.getUTCMinutes(),
  getSeconds: (at) => at.getUTCSeconds(),
  getMilliseconds: (at) => at.getUTCMilliseconds(),
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** In nanoseconds. */
const lengths: Readonly<Record<string, bigint>> = {
  getHours: 3600n * nanosPerSecond,
  getMinutes: 60n * nanosPerSecond,
  getSeconds: nanosPerSecond,
  getMilliseconds: 1_000_000n,
}

function parts(): readonly Overload[] {
  const ofTimes = Object.entries(calendar).flatMap(([name, read]) => [
    {
      ...define('timestamp.o() int', (time, budget) => {
        budget.pay(1)
        return BigInt(read(dateOf(time)))
      }),
      name,
    },
    {
      ...define('timestamp.o(string) int', (time, zone, budget) => {
        const local = localDate(time, zone, budget)
        return local instanceof Fault ? local : BigInt(read(local))
      }),
      name,
    },
  ])
  const ofDurations = Object.entries(lengths).map(([name, length]) => ({
    ...define('duration.o() int', ({ nanos }, budget) => {
      budget.pay(1)
      return name === 'getMilliseconds' ? (nanos / length) % 1000n : nanos / length
    }),
    name,
  }))
  return [...ofTimes, ...ofDurations]
}

/** A table of a zone is read for each call. */
const zoneUnits = 5000

/** A date whose UTC is what the clocks of a zone show. */
function localDate(time: Timestamp, zone: string, budget: Budget): Date | Fault {
  const at = dateOf(time)
  const fixed = /^([+-]?)(\d{1,2}):(\d\d)$/.exec(zone)
  if (fixed !== null) {
    budget.pay(1)
    return new Date(at.getTime() + (Number(fixed[2]) * 60 + Number(fixed[3])) * (fixed[1] === '-' ? -60_000 : 60_000))
  }
  budget.pay(zoneUnits)
  const unknown = new Fault(`unknown time zone ${zone.slice(0, 100)}`)
  if (zone.length > 100) return unknown
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
    const read = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const local = new Date(0)
    local.setUTCFullYear(read['year'] ?? 0, (read['month'] ?? 1) - 1, read['day'] ?? 1)
    local.setUTCHours(
      read['hour'] ?? 0,
      read['minute'] ?? 0,
      read['second'] ?? 0,
      Number(floorMod(time.nanos, nanosPerSecond) / 1_000_000n),
    )
    return local
  } catch (error) {
    if (error instanceof RangeError) return unknown
    throw error
  }
}
