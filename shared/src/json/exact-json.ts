import { backslash, minus, quote } from './characters.ts'

/**
 * JSON with every digit of its integers. JavaScript's numbers hold 53 bits and Kubernetes' have 64, so an integer that a number cannot
 * hold is a bigint here. Text without a run of sixteen digits, which is nearly all there is, goes the ordinary way.
 */

/** As JSON.parse, with its errors. */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!hasLongRun(text)) return value
  const mark = newMark()
  const marked = markLongIntegers(text, mark)
  if (marked === text) return value
  return JSON.parse(marked, (_key, entry: unknown) =>
    typeof entry === 'string' && entry.startsWith(mark) ? BigInt(entry.slice(mark.length)) : entry,
  )
}

/** As JSON.stringify of a JSON value that may hold bigints. */
export function exactJson(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, undefined, indent) ?? 'null'
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const mark = newMark()
    const marked = JSON.stringify(value, (_key, entry: unknown) => (typeof entry === 'bigint' ? `${mark}${entry}` : entry), indent)
    return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1')
  }
}

/** No text from outside can hold it. */
const newMark = (): string => `bigint:${crypto.randomUUID()}:`

const longRun = 16

// Beyond 64 bits nothing is an integer of Kubernetes', but a float, and a bigint of a million digits takes a second to make.
const longestInteger = 20
const isInt64 = (literal: string): boolean => literal.length <= longestInteger && BigInt.asIntN(64, BigInt(literal)) === BigInt(literal)

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** A run of sixteen digits covers one of every sixteen places, so those alone are looked at. */
function hasLongRun(text: string): boolean {
  for (let at = longRun - 1; at < text.length; at += longRun) {
    if (!isDigit(text.charCodeAt(at))) continue
    let from = at
    while (from > 0 && isDigit(text.charCodeAt(from - 1))) from--
    let to = at + 1
    while (to < text.length && isDigit(text.charCodeAt(to))) to++
    if (to - from >= longRun) return true
  }
  return false
}

/** Valid JSON with the integers that a number cannot hold as marked strings. */
const markLongIntegers = (text: string, mark: string): string =>
  markNumbers(text, mark, (literal) => /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal)) && isInt64(literal))

/** Valid JSON with the numbers that are chosen by their literal as marked strings. */
export function markNumbers(text: string, mark: string, isChosen: (literal: string) => boolean): string {
  let marked = ''
  let copied = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === minus || isDigit(code)) {
      let end = at + 1
      while (end < text.length && /[\d.eE+-]/.test(text.charAt(end))) end++
      const literal = text.slice(at, end)
      if (isChosen(literal)) {
        marked += `${text.slice(copied, at)}"${mark}${literal}"`
        copied = end
      }
      at = end - 1
    }
  }
  return copied === 0 ? text : marked + text.slice(copied)
}

/** The index of the closing quote of the string that begins at `start`, or the text's end. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
  return text.length
}
