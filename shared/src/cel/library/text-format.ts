import type { Budget } from '../budget.ts'
import { celLimits } from '../limits.ts'
import { CelList, CelMap, Duration, Fault, orElse, Timestamp, TypeValue, typeNameOf, Uint, type Value } from '../values.ts'
import { goFloat } from './go-float.ts'
import { valuesOf } from './operators.ts'
import { showDuration, showTimestamp } from './time-texts.ts'

const clause = /%(?:%|(?:\.(\d{1,9}))?([a-zA-Z]))|%/g

/** `"%s is %.2f".format([name, share])`. What comes out is paid for as it grows. */
export function formatted(pattern: string, args: CelList, budget: Budget): Value {
  budget.payForText(pattern.length)
  let next = 0
  let fault: Fault | undefined
  const text = pattern.replaceAll(clause, (found, precision: string | undefined, verb: string | undefined) => {
    if (fault !== undefined || found === '%%') return '%'
    const result =
      verb === undefined
        ? new Fault('could not parse formatting clause: unexpected end of string')
        : oneOf(verb, precision, args, next++, budget)
    if (typeof result === 'string') return result
    fault = result
    return ''
  })
  return fault ?? text
}

function oneOf(verb: string, precision: string | undefined, args: CelList, index: number, budget: Budget): string | Fault {
  if (index >= args.size) return new Fault(`index ${index} out of range`)
  const digits = precision === undefined ? undefined : Number(precision)
  if (digits !== undefined && digits > celLimits.precision) return new Fault(`precision ${digits} is above ${celLimits.precision}`)
  const value = args.at(index)
  const text = verbText(verb, digits, value, budget)
  if (text === undefined)
    return new Fault(
      `error during formatting: ${nounOf(verb)} clause can only be used on ${wantedBy(verb)}, was given ${typeNameOf(value)}`,
    )
  return text
}

const nouns: Readonly<Record<string, readonly [string, string]>> = {
  d: ['decimal', 'integers'],
  f: ['fixed-point', 'doubles'],
  e: ['scientific', 'doubles'],
  b: ['binary', 'integers and bools'],
  o: ['octal', 'integers'],
  x: ['hex', 'integers, byte buffers, and strings'],
  X: ['hex', 'integers, byte buffers, and strings'],
}
const nounOf = (verb: string): string => nouns[verb]?.[0] ?? `unrecognized formatting clause "${verb}":`
const wantedBy = (verb: string): string =>
  nouns[verb]?.[1] ?? 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps'

function verbText(verb: string, digits: number | undefined, value: Value, budget: Budget): string | undefined {
  budget.pay(1)
  const whole = value instanceof Uint ? value.value : typeof value === 'bigint' ? value : undefined
  switch (verb) {
    case 's':
      return plainText(value, budget)
    case 'd':
      return whole?.toString() ?? (typeof value === 'number' && !Number.isFinite(value) ? floatText(value) : undefined)
    case 'f':
      return numberText(value, whole, (number) => number.toFixed(digits ?? 6))
    case 'e':
      return numberText(value, whole, (number) => number.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, 'e$10$2'))
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : whole?.toString(2)
    case 'o':
      return whole?.toString(8)
    case 'x':
    case 'X': {
      const text = hexText(value, whole, budget)
      return verb === 'X' ? text?.toUpperCase() : text
    }
    default:
      return undefined
  }
}

function numberText(value: Value, whole: bigint | undefined, show: (number: number) => string): string | undefined {
  const number = whole === undefined ? value : Number(whole)
  if (typeof number !== 'number') return undefined
  return Number.isFinite(number) ? show(number) : floatText(number)
}

function hexText(value: Value, whole: bigint | undefined, budget: Budget): string | undefined {
  if (whole !== undefined) return whole.toString(16)
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) return undefined
  budget.payForText(value.length, 2)
  return Buffer.from(value as string).toString('hex') // takes bytes as well
}

const floatText = (number: number): string => (Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity')

/** How `%s` writes a value, and what is within it. */
function plainText(value: Value, budget: Budget): string {
  budget.pay(1)
  if (typeof value === 'string') {
    budget.payForText(value.length)
    return value
  }
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isFinite(value) ? goFloat(value) : floatText(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) {
    budget.payForText(value.length)
    return Buffer.from(value).toString()
  }
  if (value instanceof Duration) return showDuration(value)
  if (value instanceof Timestamp) return showTimestamp(value)
  if (value instanceof TypeValue) return value.name
  if (value instanceof CelList)
    return grown(
      `[${valuesOf(value)
        .map((item) => plainText(item, budget))
        .join(', ')}]`,
      budget,
    )
  if (value instanceof CelMap) {
    const members = value.keys().map((key) => `${plainText(key, budget)}: ${plainText(orElse(value.get(key), null), budget)}`)
    return grown(`{${members.sort().join(', ')}}`, budget)
  }
  return typeof value === 'object' ? typeNameOf(value) : String(value)
}

/** What is within is written anew at each level. */
function grown(text: string, budget: Budget): string {
  budget.payForText(text.length)
  return text
}

const escapes: Readonly<Record<string, string>> = {
  ...{ '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' },
  ...{ '\\': '\\\\', '"': '\\"' },
}

export const quoted = (text: string): string => `"${text.replaceAll(/[^ -~]|["\\]/g, (found) => escapes[found] ?? found)}"`
