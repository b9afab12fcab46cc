import { Duration, Timestamp } from '../values.ts'

export const nanosPerSecond = 1_000_000_000n
const units: Readonly<Record<string, bigint>> = {
  ...{ ns: 1n, us: 1000n, µs: 1000n, μs: 1000n, ms: 1_000_000n, s: nanosPerSecond },
  ...{ m: 60n * nanosPerSecond, h: 3600n * nanosPerSecond },
}
const longestText = 128
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?([Zz]|([+-])(\d\d):(\d\d))$/
const wholeDuration = /^([-+]?)((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|[\u00b5\u03bc]s|ms|s|m|h))+|0)$/
const durationPart = /(\d*)(?:\.(\d*))?(ns|us|[\u00b5\u03bc]s|ms|s|m|h)/g

/** `1h30m`, `-1.5s`, as Go reads them. */
export function readDuration(text: string): Duration | undefined {
  const match = text.length > longestText ? null : wholeDuration.exec(text)
  if (match === null) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of (match[2] ?? '').matchAll(durationPart)) {
    const size = units[unit] ?? 0n
    nanos += BigInt(whole || '0') * size
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  return durationOf(match[1] === '-' ? -nanos : nanos)
}

/** Undefined for what 64 bits of nanoseconds cannot hold. */
export const durationOf = (nanos: bigint): Duration | undefined => (BigInt.asIntN(64, nanos) === nanos ? new Duration(nanos) : undefined)

/** In seconds, as protobuf's JSON has it. */
export function showDuration({ nanos }: Duration): string {
  return `${nanos < 0n ? '-' : ''}${secondsText(nanos < 0n ? -nanos : nanos)}s`
}

function secondsText(nanos: bigint): string {
  const rest = (nanos % nanosPerSecond).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nanos / nanosPerSecond}${rest === '' ? '' : `.${rest}`}`
}

const firstTime = -62_135_596_800n * nanosPerSecond
const endTime = 253_402_300_800n * nanosPerSecond

/** Undefined for what lies before the year 1 or after the year 9999. */
export const timestampOf = (nanos: bigint): Timestamp | undefined =>
  nanos >= firstTime && nanos < endTime ? new Timestamp(nanos) : undefined

export function readTimestamp(text: string): Timestamp | undefined {
  const match = text.length > longestText ? null : rfc3339.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth || hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const offset = match[9] === undefined ? 0 : (Number(match[10]) * 60 + Number(match[11])) * (match[9] === '-' ? -60 : 60)
  const fraction = BigInt((match[7] ?? '').padEnd(9, '0'))
  return timestampOf((BigInt(date.getTime() / 1000) - BigInt(offset)) * nanosPerSecond + fraction)
}

export function showTimestamp(time: Timestamp): string {
  const date = dateOf(time)
  const nanos = floorMod(time.nanos, nanosPerSecond).toString().padStart(9, '0').replace(/0+$/, '')
  return `${date.toISOString().slice(0, 19)}${nanos === '' ? '' : `.${nanos}`}Z`
}

/** To the millisecond below. */
export const dateOf = ({ nanos }: Timestamp): Date => new Date(Number((nanos - floorMod(nanos, 1_000_000n)) / 1_000_000n))

export const floorMod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b
