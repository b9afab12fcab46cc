const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/
const wholeSecondsUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const microSecondsUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** `metadata.creationTimestamp` and all other times of the API: RFC 3339, UTC, whole seconds. */
export const formatTime = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`

/** Lease and event times: RFC 3339, UTC, six decimals. */
export const formatMicroTime = (at: Date): string => `${at.toISOString().slice(0, 23)}000Z`

/** The same instant as the API writes it, or undefined when `text` is not a time. */
export function canonicalTime(text: string): string | undefined {
  if (isPlainTime(text)) return text
  const at = parse(text)
  if (at === undefined) return undefined
  return wholeSecondsUtc.test(text) ? text : formatTime(at)
}

/** Whether it is a time as the API writes most: each status has several, and is not taken apart for them. Of others it says nothing. */
function isPlainTime(text: string): boolean {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return false
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return false
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)]
  const isDate = twoDigits(text, 0) >= 0 && twoDigits(text, 2) >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfAny
  return isDate && isBelow(twoDigits(text, 11), 24) && isBelow(twoDigits(text, 14), 60) && isBelow(twoDigits(text, 17), 60)
}

/** Each month has as many. */
const daysOfAny = 28

const isBelow = (value: number, end: number): boolean => value >= 0 && value < end

/** -1 if they are none. */
function twoDigits(text: string, at: number): number {
  const [tens, ones] = [text.charCodeAt(at) - 0x30, text.charCodeAt(at + 1) - 0x30]
  return isBelow(tens, 10) && isBelow(ones, 10) ? tens * 10 + ones : -1
}

/** Exactly six decimals: Go's layout for these has as many. */
export function canonicalMicroTime(text: string): string | undefined {
  const at = parse(text)
  const fraction = rfc3339.exec(text)?.[7] ?? ''
  if (at === undefined || fraction.length !== 6) return undefined
  return microSecondsUtc.test(text) ? text : `${at.toISOString().slice(0, 19)}.${fraction}Z`
}

/** What Go takes for a time: a comma before the fraction too, and an hour of one digit; no 24:00, and nothing that rolls over. */
function parse(text: string): Date | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number)
  const [sign = '+', awayHours = 0, awayMinutes = 0] = [match[8], Number(match[9] ?? 0), Number(match[10] ?? 0)]
  const daysInMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth || hours > 23 || minutes > 59 || seconds > 59) return undefined
  if (awayHours > 24 || awayMinutes > 60) return undefined
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, day)
  const away = (awayHours * 60 + awayMinutes) * (sign === '-' ? -1 : 1)
  at.setUTCHours(hours, minutes - away, seconds)
  return at.getUTCFullYear() < 0 || at.getUTCFullYear() > 9999 ? undefined : at
}

/** An age as kubectl prints it: two units at most, one when it is exact or large (`45s`, `3m10s`, `5h`, `3d4h`, `2y10d`). */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60 * 2) return `${seconds}s`
  const minutes = Math.trunc(ms / 60_000)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 60 * 3) return `${minutes}m`
  const hours = Math.trunc(ms / 3_600_000)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  if (hours < 24 * 8) return withRest(Math.trunc(hours / 24), 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24)}d`
  if (hours < 24 * 365 * 8) return withRest(Math.trunc(hours / (24 * 365)), 'y', Math.trunc(hours / 24) % 365, 'd')
  return `${Math.trunc(hours / (24 * 365))}y`
}

const withRest = (large: number, largeUnit: string, small: number, smallUnit: string) =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`

/** The age of something that happened at `time`, as kubectl prints it. */
export function ageOf(time: string | undefined, now: Date): string {
  if (time === undefined || time === '') return '<unknown>'
  return humanDuration(now.getTime() - Date.parse(time))
}
