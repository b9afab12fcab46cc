/**
 * A schedule in the five fields of cron as Kubernetes reads them: `30 2 * * mon-fri`, or `@daily` and its like. Each field is the set of
 * its values as bits. `restricted` fields of days: where both are, a day of either is one.
 */
export type Schedule =
  | { readonly type: 'fields'; readonly minutes: bigint; readonly hours: bigint; readonly days: Days; readonly months: bigint }
  | { readonly type: 'every'; readonly seconds: number }

export type Days = { readonly ofMonth: Field; readonly ofWeek: Field }
/** `isAny`: written as a star, and no restriction then. */
export type Field = { readonly bits: bigint; readonly isAny: boolean }

/** Throws an Error in the words of Kubernetes. */
export function parseCron(text: string): Schedule {
  const schedule = withoutZone(text)
  if (schedule === '') throw new Error('empty spec string')
  if (schedule.startsWith('@')) return parseDescriptor(schedule)
  const fields = schedule.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minutes, hours, ofMonth, months, ofWeek] = fields.map((field, i) => parseField(field, ranges[i] ?? anyRange)) as [
    Field,
    Field,
    Field,
    Field,
    Field,
  ] // five, as was asked above
  return { type: 'fields', minutes: minutes.bits, hours: hours.bits, days: { ofMonth, ofWeek }, months: months.bits }
}

type Range = { readonly min: number; readonly max: number; readonly names?: readonly string[] }

const anyRange: Range = { min: 0, max: 59 }
const ranges: readonly Range[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** `TZ=Europe/Berlin 0 0 * * *`: the zone is checked where the field for it is. */
function withoutZone(text: string): string {
  const match = /^(?:CRON_)?TZ=(\S*)\s*/.exec(text)
  if (match === null) return text
  const [whole, zone = ''] = match
  if (!isTimeZone(zone)) throw new Error(`provided bad location ${zone}: unknown time zone ${zone}`)
  return text.slice(whole.length)
}

function parseDescriptor(text: string): Schedule {
  const fields = Object.hasOwn(descriptors, text) ? descriptors[text] : undefined
  if (fields !== undefined) return parseCron(fields)
  const every = '@every '
  if (!text.startsWith(every)) throw new Error(`unrecognized descriptor: ${text}`)
  const seconds = secondsOf(text.slice(every.length))
  if (seconds === undefined)
    throw new Error(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(text.slice(every.length))}`)
  return { type: 'every', seconds: Math.max(1, Math.floor(seconds)) }
}

const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, '\u00b5s': 1e-6, ns: 1e-9 }

/** `1h30m` as Go reads it. */
function secondsOf(duration: string): number | undefined {
  // First, because digits without a unit take the pattern the square of their number.
  if (duration.length > 64 || !/^[+-]?((\d+\.?\d*|\.\d+)(h|ms|m|s|us|\u00b5s|ns))+$/.test(duration)) return undefined
  const parts = [...duration.matchAll(/(\d+\.?\d*|\.\d+)(h|ms|m|s|us|\u00b5s|ns)/g)]
  const sum = parts.reduce((total, [, number = '0', unit = 's']) => total + Number(number) * (unitSeconds[unit] ?? 0), 0)
  return duration.startsWith('-') ? -sum : sum
}

/** Ranges, with commas between them. */
function parseField(text: string, range: Range): Field {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => parseRange(part, range))
    .reduce((all, { bits, isAny }) => ({ bits: all.bits | bits, isAny: all.isAny || isAny }), { bits: 0n, isAny: false })
}

/** `*`, `5`, `1-5`, each also with a step: 5 with a step of 10 goes on to the end. */
function parseRange(text: string, { min, max, names = [] }: Range): Field {
  const [span = '', step, ...moreSteps] = text.split('/')
  const [first = '', last, ...moreParts] = span.split('-')
  const isStar = first === '*' || first === '?'
  const from = isStar ? min : numberOf(first, min, names)
  if (!isStar && moreParts.length > 0) throw new Error(`too many hyphens: ${text}`)
  const to = isStar ? max : last === undefined ? from : numberOf(last, min, names)
  if (moreSteps.length > 0) throw new Error(`too many slashes: ${text}`)
  const by = step === undefined ? 1 : naturalOf(step)
  const end = step !== undefined && !isStar && last === undefined ? max : to
  if (from < min) throw new Error(`beginning of range (${from}) below minimum (${min}): ${text}`)
  if (end > max) throw new Error(`end of range (${end}) above maximum (${max}): ${text}`)
  if (from > end) throw new Error(`beginning of range (${from}) beyond end of range (${end}): ${text}`)
  if (by === 0) throw new Error(`step of range should be a positive number: ${text}`)
  let bits = 0n
  for (let value = from; value <= end; value += by) bits |= 1n << BigInt(value)
  return { bits, isAny: isStar && by === 1 }
}

function numberOf(text: string, min: number, names: readonly string[]): number {
  const index = names.indexOf(text.toLowerCase())
  return index < 0 ? naturalOf(text) : index + min
}

function naturalOf(text: string): number {
  if (!/^[+-]?\d{1,9}$/.test(text))
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const number = Number(text)
  if (number < 0) throw new Error(`negative number (${number}) not allowed: ${text}`)
  return number
}

/** Whether it is one of IANA's, as this machine knows them. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z0-9+_/-]{1,64}$/.test(name) || /^[+-]/.test(name)) return false
  try {
    // eslint-disable-next-line no-new -- refuses what it does not know
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
