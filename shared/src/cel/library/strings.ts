import type { Budget } from '../budget.ts'
import { define, type Overload } from '../define.ts'
import { CelList, Fault, type Value } from '../values.ts'
import { isPlain, pointsOf } from './points.ts'
import { formatted, quoted } from './text-format.ts'

export const strings = (): readonly Overload[] => [...standard(), ...places(), ...changes(), ...pieces()]

function standard(): readonly Overload[] {
  return [
    define('size(string) int', sizeOf),
    define('string.size() int', sizeOf),
    define('size(bytes) int', (value, budget) => counted(value.length, budget)),
    define('bytes.size() int', (value, budget) => counted(value.length, budget)),
    define('string.contains(string) bool', (text, part, budget) => {
      budget.payForText(text.length, Math.max(1, Math.ceil(part.length * 0.1)))
      return text.includes(part)
    }),
    define('string.startsWith(string) bool', (text, part, budget) => {
      budget.payForText(Math.max(1, part.length))
      return text.startsWith(part)
    }),
    define('string.endsWith(string) bool', (text, part, budget) => {
      budget.payForText(Math.max(1, part.length))
      return text.endsWith(part)
    }),
  ]
}

function counted(size: number, budget: Budget): bigint {
  budget.pay(1)
  return BigInt(size)
}

/** In characters. Nobody knows how many there are but who has counted them, which costs little. */
function sizeOf(text: string, budget: Budget): Value {
  budget.pay(1 + Math.floor(text.length / 64))
  return BigInt(isPlain(text) ? text.length : pointsOf(text).length)
}

const outOfRange = (index: bigint | number) => new Fault(`index out of range: ${index}`)

function places(): readonly Overload[] {
  const find = (text: string, part: string, from: bigint | undefined, isLast: boolean, budget: Budget): Value => {
    budget.payForText(text.length, Math.max(1, Math.ceil(part.length * 0.1)))
    const size = isPlain(text) ? text.length : pointsOf(text).length
    if (from !== undefined && (from < 0n || from > BigInt(size))) return outOfRange(from)
    const start = from === undefined ? undefined : unitAt(text, Number(from))
    const unit = isLast ? text.lastIndexOf(part, start) : text.indexOf(part, start)
    return BigInt(unit < 0 || isPlain(text) ? unit : pointsOf(text.slice(0, unit)).length)
  }
  return [
    define('string.charAt(int) string', (text, index, budget) => {
      budget.payForText(text.length)
      const points = pointsOf(text)
      return index < 0n || index > BigInt(points.length) ? outOfRange(index) : (points[Number(index)] ?? '')
    }),
    define('string.indexOf(string) int', (text, part, budget) => find(text, part, undefined, false, budget)),
    define('string.indexOf(string, int) int', (text, part, from, budget) => find(text, part, from, false, budget)),
    define('string.lastIndexOf(string) int', (text, part, budget) => find(text, part, undefined, true, budget)),
    define('string.lastIndexOf(string, int) int', (text, part, from, budget) => find(text, part, from, true, budget)),
    define('string.substring(int) string', (text, from, budget) => part(text, from, undefined, budget)),
    define('string.substring(int, int) string', (text, from, to, budget) => part(text, from, to, budget)),
  ]
}

function part(text: string, from: bigint, to: bigint | undefined, budget: Budget): Value {
  budget.payForText(text.length)
  const plain = isPlain(text)
  const points = plain ? text : pointsOf(text)
  const end = to ?? BigInt(points.length)
  if (from < 0n || from > BigInt(points.length)) return outOfRange(from)
  if (end < 0n || end > BigInt(points.length)) return outOfRange(end)
  if (from > end) return new Fault(`invalid substring range. start: ${from}, end: ${end}`)
  const cut = points.slice(Number(from), Number(end))
  return typeof cut === 'string' ? cut : cut.join('')
}

/** Where a character begins. */
const unitAt = (text: string, point: number): number => (isPlain(text) ? point : pointsOf(text).slice(0, point).join('').length)

function changes(): readonly Overload[] {
  const changed = (change: (text: string) => string) => (text: string, budget: Budget) => {
    budget.payForText(text.length)
    return change(text)
  }
  const replace = (text: string, from: string, to: string, most: number, budget: Budget): Value => {
    budget.payForText(text.length, Math.max(2, Math.ceil(from.length * 0.1)))
    if (most === 0) return text
    // Between all characters, and at both ends.
    const cut = from === '' ? ['', ...pointsOf(text), ''] : text.split(from)
    budget.pay(cut.length)
    const kept = most < 0 || cut.length - 1 <= most ? cut : [...cut.slice(0, most), cut.slice(most).join(from)]
    budget.payForText((kept.length - 1) * to.length)
    return kept.join(to)
  }
  return [
    define(
      'string.lowerAscii() string',
      changed((text) => text.replaceAll(/[A-Z]+/g, (found) => found.toLowerCase())),
    ),
    define(
      'string.upperAscii() string',
      changed((text) => text.replaceAll(/[a-z]+/g, (found) => found.toUpperCase())),
    ),
    define(
      'string.trim() string',
      changed((text) => text.trim()),
    ),
    define('string.replace(string, string) string', (text, from, to, budget) => replace(text, from, to, -1, budget)),
    define('string.replace(string, string, int) string', (text, from, to, most, budget) => replace(text, from, to, Number(most), budget)),
    define('.strings.quote(string) string', (text, budget) => {
      budget.payForText(text.length, 3)
      return quoted(text)
    }),
    define('string.format(list<dyn>) string', (pattern, args, budget) => formatted(pattern, args, budget)),
  ]
}

function pieces(): readonly Overload[] {
  const split = (text: string, by: string, most: number, budget: Budget): Value => {
    budget.payForText(text.length, Math.max(2, Math.ceil(by.length * 0.1)))
    if (most === 0) return new CelList([])
    const cut = by === '' ? pointsOf(text) : text.split(by)
    budget.pay(cut.length / 2)
    return new CelList(most < 0 || cut.length <= most ? cut : [...cut.slice(0, most - 1), cut.slice(most - 1).join(by)])
  }
  const join = (list: CelList, by: string, budget: Budget): Value => {
    budget.pay(1 + list.size / 2)
    const parts: string[] = []
    for (let index = 0; index < list.size; index++) {
      const item = list.at(index)
      if (typeof item !== 'string') return new Fault('join: a list of strings is wanted')
      budget.payForText(item.length + by.length, 2)
      parts.push(item)
    }
    return parts.join(by)
  }
  return [
    define('string.split(string) list<string>', (text, by, budget) => split(text, by, -1, budget)),
    define('string.split(string, int) list<string>', (text, by, most, budget) => split(text, by, Number(most), budget)),
    define('list<string>.join() string', (list, budget) => join(list, '', budget)),
    define('list<string>.join(string) string', (list, by, budget) => join(list, by, budget)),
  ]
}
