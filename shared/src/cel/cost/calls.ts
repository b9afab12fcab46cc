import type { Overload } from '../define.ts'
import type { CelType } from '../types.ts'
import { added, either, most, part, plus, type Size, times, unknownSize } from './size.ts'

/** What is known of an argument. `items`: of each of its items, if it is a list of texts. */
export type Argument = {
  readonly cost: number
  readonly size: Size
  readonly items: Size | undefined
  /** Of a number that stands there. */
  readonly constant: number | undefined
}

/** `result` is the size of what it gives. */
export type CallCost = { readonly cost: number; readonly result?: Size }

const perCharacter = 0.1
const perPatternCharacter = 0.25
/** Of the patterns that names of Kubernetes are held to. */
const namePattern = 128

/**
 * What one call costs at most beside its arguments, as Kubernetes reckons: definitions are written to be taken by it. `own` is the value that it is
 * called of, and `args` are the others.
 */
export function callCost({ name, params, isMember }: Overload, own: Argument | undefined, args: readonly Argument[]): CallCost {
  const [first, second, third] = args
  const is = (index: number, type: string) => typeIs(params[index], type)
  const text = (size: Size, factor = perCharacter) => part(size.max, factor)
  switch (name) {
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      if (own === undefined) break
      return { cost: is(0, 'string') ? text(own.size) : times(own.size.max, plus(1, own.items === undefined ? 0 : text(own.items))) }
    case 'url':
      return { cost: text(sizeOf(first)) }
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
      return own === undefined ? one : { cost: text(own.size), result: own.size }
    case 'replace':
      return own === undefined ? one : { cost: text(own.size, 2 * perCharacter), result: replaced(own.size, sizeOf(first), sizeOf(second)) }
    case 'split':
      return own === undefined ? one : { cost: text(own.size, 2 * perCharacter), result: { min: 0, max: own.size.max } }
    case 'join':
      return own === undefined ? one : joined(own, first)
    case 'slice':
      return newList(1, Math.max(0, (second?.constant ?? own?.size.max ?? most) - (first?.constant ?? 0)))
    case 'lists.range':
      return newList(1, first?.constant ?? most)
    case 'reverse':
      return newList(1, own?.size.max ?? most)
    case 'flatten':
      return newList(args.length === 0 ? 1 : (first?.constant ?? most), own?.size.max ?? most)
    case 'distinct':
      return newList(2, times(own?.size.max ?? most, own?.size.max ?? most))
    case 'sort':
      return sorting(own?.size ?? unknownSize, own?.items !== undefined)
    case 'find':
    case 'findAll':
      return own === undefined ? one : { cost: matching(own.size, sizeOf(first)), result: { min: 0, max: own.size.max } }
    case 'matches': {
      const [subject, pattern] = isMember ? [own, first] : [first, second]
      return { cost: matching(sizeOf(subject), sizeOf(pattern)) }
    }
    case 'validate':
      return { cost: part(text(sizeOf(first)), namePattern * perPatternCharacter) }
    case 'containsIP':
      return { cost: plus(4, is(1, 'string') ? text(sizeOf(first)) : 0) }
    case 'containsCIDR':
      return { cost: plus(7, is(1, 'string') ? text(sizeOf(first)) : 0) }
    case 'sets.contains':
    case 'sets.intersects':
      return { cost: times(sizeOf(first).max, sizeOf(second).max) }
    case 'sets.equivalent':
      return { cost: times(2, times(sizeOf(first).max, sizeOf(second).max)) }
    case 'format':
      return own === undefined || !is(0, 'string') ? one : { cost: text(own.size) }
    case 'strings.quote':
      return { cost: text(sizeOf(first)), result: { min: plus(sizeOf(first).min, 2), max: plus(times(sizeOf(first).max, 2), 2) } }
    case 'bytes':
      return is(0, 'string') ? { cost: text(sizeOf(first)), result: { min: sizeOf(first).min, max: times(sizeOf(first).max, 4) } } : one
    case 'string':
      return is(0, 'bytes')
        ? { cost: text(sizeOf(first)), result: { min: Math.floor(sizeOf(first).min / 4), max: sizeOf(first).max } }
        : one
    case 'startsWith':
    case 'endsWith':
      return { cost: text(sizeOf(first)) }
    case 'contains':
      return own === undefined ? one : { cost: times(text(own.size), text(sizeOf(first))) }
    case '@in':
      return typeTag(params[1]) === 'list' ? { cost: sizeOf(second).max } : one
    case '_+_': {
      const result = added(sizeOf(first), sizeOf(second))
      if (typeTag(params[0]) === 'list') return { cost: 1, result }
      return is(0, 'string') || is(0, 'bytes') ? { cost: text(result), result } : one
    }
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return is(0, 'string') || is(0, 'bytes') ? compared(sizeOf(first), sizeOf(second)) : one
    case '_==_':
    case '_!=_':
      return compared(sizeOf(first), sizeOf(second))
    case '_?_:_':
      return { cost: 0, result: either(sizeOf(second), sizeOf(third)) }
    default:
      break
  }
  return one
}

/** With the call, and the list that it makes. */
const newList = (factor: number, size: number): CallCost => ({ cost: plus(part(size, factor), 11), result: { min: 0, max: size } })

/** Each is compared with each. */
export const sorting = ({ max }: Size, isOfTexts: boolean): CallCost => newList(isOfTexts ? 2.1 : 2, times(max, max))

const one: CallCost = { cost: 1 }

const sizeOf = (argument: Argument | undefined): Size => argument?.size ?? unknownSize

const typeTag = (type: CelType | undefined): string => type?.tag ?? ''
const typeIs = (type: CelType | undefined, name: string): boolean => type?.tag === 'simple' && type.name === name

/** As far as the shorter one goes. */
const compared = (a: Size, b: Size): CallCost => ({ cost: part(Math.min(a.max, b.max), perCharacter) })

/** An empty text may be met by a pattern as well. */
const matching = (text: Size, pattern: Size): number => times(part(plus(text.max, 1), perCharacter), part(pattern.max, perPatternCharacter))

function joined(list: Argument, separator: Argument | undefined): CallCost {
  const between: Size = { min: Math.max(0, list.size.min - 1), max: Math.max(0, list.size.max - 1) }
  const items = list.items === undefined ? { min: 0, max: 0 } : product(list.size, list.items)
  const result = separator === undefined ? items : added(items, product(separator.size, between))
  return { cost: part(result.max, perCharacter), result }
}

const product = (a: Size, b: Size): Size => ({ min: times(a.min, b.min), max: times(a.max, b.max) })

/** What a replacement makes of a text, at least and at most; one of nothing stands around each character. */
function replaced(text: Size, old: Size, by: Size): Size {
  const largest =
    old.min === 0
      ? plus(times(plus(text.max, 1), by.max), text.max)
      : by.max <= old.min
        ? text.max
        : times(Math.min(most, Math.ceil(text.max / old.min)), by.max)
  const smallest =
    old.max === 0
      ? plus(times(plus(text.min, 1), by.min), text.min)
      : old.max <= by.min
        ? text.min
        : times(Math.ceil(text.min / old.max), by.min)
  return { min: smallest, max: largest }
}
