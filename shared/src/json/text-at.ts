import { closeBrace, closeBracket, comma, openBrace, openBracket, quote, space } from './characters.ts'
import { endOfString } from './exact-json.ts'

/**
 * The text at a path in an object's JSON, without parsing the rest of it; undefined where there is none, or what is there is no text. The JSON
 * must be valid: of any other this ends, and says something.
 */
export function textAt(json: string, path: readonly string[]): string | undefined {
  let at = skipSpace(json, 0)
  for (const name of path) {
    at = memberAt(json, at, name)
    if (at < 0) return undefined
  }
  if (json.charCodeAt(at) !== quote) return undefined
  return unquoted(json, at, endOfString(json, at))
}

/** Where the value of an object's member begins, or -1. */
function memberAt(json: string, object: number, name: string): number {
  if (json.charCodeAt(object) !== openBrace) return -1
  let at = skipSpace(json, object + 1)
  while (json.charCodeAt(at) === quote) {
    const end = endOfString(json, at)
    const value = skipSpace(json, skipSpace(json, end + 1) + 1)
    if (unquoted(json, at, end) === name) return value
    at = skipSpace(json, endOfValue(json, value))
    if (json.charCodeAt(at) === comma) at = skipSpace(json, at + 1)
  }
  return -1
}

function endOfValue(json: string, start: number): number {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === quote) {
      at = endOfString(json, at)
      if (depth === 0) return at + 1
    } else if (code === openBrace || code === openBracket) depth++
    else if (code === closeBrace || code === closeBracket) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (code === comma && depth === 0) return at
  }
  return json.length
}

function skipSpace(json: string, from: number): number {
  let at = from
  while (at < json.length && json.charCodeAt(at) <= space) at++
  return at
}

/** What stands between two quotes; nearly all of it is what it looks like. */
function unquoted(json: string, start: number, end: number): string {
  const plain = json.slice(start + 1, end)
  return plain.includes('\\') ? (JSON.parse(json.slice(start, end + 1)) as string) : plain // a string literal of valid JSON
}
