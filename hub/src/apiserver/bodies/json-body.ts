import { closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote, space } from '@bramble/shared/json/characters.ts'
import { endOfString, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { Composer, type Document, isAlias, isCollection, Lexer, Parser, visit } from 'yaml'
import { ApiError, badRequest, isApiError, shownName } from '@bramble/shared/api/api-error.ts'
import { setOwn } from '@bramble/shared/json/own.ts'
import { hasMoreParts, maxObjectParts } from '@bramble/shared/api/object-size.ts'
import { isFiniteThroughout, mayBeInfinite } from './finite.ts'
import { type Resolve, typedNumbers } from './typed-numbers.ts'

/** `duplicates` holds the paths of keys that an object has twice; the last one counts, as in Kubernetes. */
export type ParsedBody = { readonly value: unknown; readonly duplicates: readonly string[] }

export type ParseOptions = {
  /** Whether to look for keys given twice, which costs a second walk over the text. Default true. */
  readonly findDuplicates?: boolean
  /** What is made of numbers that types tell apart by how they are written. Of YAML, whose own parser has read them, nothing. */
  readonly numbers?: (marked: unknown, resolve: Resolve) => unknown
  /** As many as one object may have unless it is told. */
  readonly maxParts?: number
}

// Deeper than any real object (a CRD's schema may take 50 levels), shallow enough for recursive code and its stack.
const maxDepth = 200

// A body made of nothing but repeated keys earns a bounded answer.
const maxReported = 100

// An alias bomb is refused long before it fills the memory; nobody writes this many by hand.
const maxYamlAliases = 100

// YAML takes up to six microseconds a character, and the whole hub waits for it. kubectl and helm send JSON.
const maxYamlLength = 128 * 1024

// The same by its words and signs, which is what its parser works on: a long text in a block is one of them.
const maxYamlLexemes = 10_000

/** A JSON request body. Refuses what is no JSON, saying where, and what is nested or has parts without measure. */
export function parseJsonBody(text: string, { findDuplicates = true, numbers, maxParts = maxObjectParts }: ParseOptions = {}): ParsedBody {
  checkShape(text, maxParts)
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch (error) {
    throw badRequest(`json parse error: ${text.trim() === '' ? 'the body is empty' : whyNotJson(error, text)}`, error)
  }
  if (numbers !== undefined) value = typedNumbers(text, value, numbers)
  if (mayBeInfinite(text) && !isFiniteThroughout(value)) throw tooLarge('json')
  return { value: escapedSurrogate.test(text) ? wellFormed(value) : value, duplicates: findDuplicates ? duplicateKeys(text) : [] }
}

/** Half a character can only be written as an escape. */
const escapedSurrogate = /\\u[dD][89a-fA-F]/

/** As in Go half a character is U+FFFD. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value).toString()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) setOwn(copy, Buffer.from(key).toString(), wellFormed(member))
  return copy
}

/** A YAML request body: one document, of what JSON can say. */
export function parseYamlBody(text: string, { findDuplicates = true, maxParts = maxObjectParts }: ParseOptions = {}): ParsedBody {
  // JSON is YAML, and most YAML bodies of programs are JSON: the fast path, unless it only looked like it.
  const json = /^\s*[[{]/.test(text) ? asJson(text, { findDuplicates, maxParts }) : undefined
  if (json !== undefined) return json
  if (text.length > maxYamlLength)
    throw new ApiError(
      'RequestEntityTooLarge',
      `a YAML body has at most ${maxYamlLength} characters, this one has ${text.length}: send JSON`,
    )
  try {
    const document = yamlDocument(text)
    const [error] = document.errors
    if (error !== undefined) throw error
    if (hasOddKey(document)) throw badRequest('yaml parse error: a key is a list or a mapping, expected a word')
    const read: unknown = document.toJS({ maxAliasCount: maxYamlAliases })
    const value = escapedSurrogate.test(text) ? wellFormed(read) : read
    if (depthOf(value) > maxDepth) throw tooDeep()
    if (hasMoreParts(value, maxParts)) throw tooManyParts(maxParts)
    if (!isFiniteThroughout(value)) throw tooLarge('yaml')
    return { value, duplicates: findDuplicates ? duplicateYamlKeys(document.contents, '', []) : [] }
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw badRequest(`yaml parse error: ${firstLine((error as Error).message)}`, error) // yaml throws only Errors
  }
}

function asJson(text: string, how: { readonly findDuplicates: boolean; readonly maxParts: number }): ParsedBody | undefined {
  checkShape(text, how.maxParts)
  try {
    return parseJsonBody(text, how)
  } catch (error) {
    if (isApiError(error, 'RequestEntityTooLarge')) throw error
    return undefined // a flow mapping with unquoted words; the YAML parser says what is wrong if anything is
  }
}

/**
 * Feeds the parser lexeme by lexeme and stops at too deep a nesting. `parseDocument` would recurse over it, and on its way out of
 * stack V8 ends the whole process ("RegExpCompiler Allocation failed") rather than throw a RangeError.
 */
function yamlDocument(text: string): Document {
  const parser = new Parser()
  const composer = new Composer({ uniqueKeys: false, merge: true })
  const documents: Document[] = []
  const compose = (tokens: ReturnType<Parser['next']>) => {
    for (const token of tokens) documents.push(...composer.next(token))
  }
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > maxYamlLexemes)
      throw new ApiError('RequestEntityTooLarge', `a YAML body has at most ${maxYamlLexemes} words and signs: send JSON`)
    compose(parser.next(lexeme))
    if (parser.stack.length > maxDepth) throw tooDeep()
  }
  compose(parser.end())
  documents.push(...composer.end(true, text.length))
  if (documents.length > 1) throw badRequest(`yaml parse error: expected one document, found ${documents.length}`)
  return documents[0] as Document // `end(true)` makes one where the text has none
}

/** Neither has JSON. */
function hasOddKey(document: Document): boolean {
  let isOdd = false
  visit(document, {
    Pair(_at, { key }) {
      isOdd ||= isCollection(isAlias(key) ? key.resolve(document) : key)
    },
  })
  return isOdd
}

const tooLarge = (form: 'json' | 'yaml') =>
  badRequest(`${form} parse error: json: cannot unmarshal number into Go value of type float64: it is larger than any`)

const tooDeep = () => badRequest(`json parse error: the body is nested deeper than ${maxDepth} levels`)

/** What is stored, and what becomes of a patch, is held to the same. */
export const tooManyParts = (maxParts: number) => new ApiError('RequestEntityTooLarge', `the object has more than ${maxParts} parts`)

const firstLine = (message: string): string => message.slice(0, 300).split('\n')[0] ?? ''

/** V8 quotes the text around the fault, which may be a Secret's, and tells the position only sometimes. */
function whyNotJson(error: unknown, text: string): string {
  const message = firstLine((error as Error).message).replace(/, (?:\.\.\.)?".*$/s, '') // JSON.parse throws only SyntaxErrors
  return message.includes('position') ? message : `${message} at position ${faultIn(text)}`
}

/** The length of the longest beginning that could still become JSON. */
function faultIn(text: string): number {
  if (isCutShort(text)) return text.length
  let good = 0
  let bad = text.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isCutShort(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function isCutShort(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const { message } = error as Error // JSON.parse throws only SyntaxErrors
    return /end of JSON|Unterminated|No number after|Exponent part/.test(message) || message.includes(`at position ${text.length}`)
  }
}

/** Before JSON.parse: a million parts in three megabytes would already be parsed too long. */
function checkShape(text: string, maxParts: number): void {
  if (text.length < maxDepth * 2) return
  let depth = 0
  // What holds something holds one value more than it has commas.
  let parts = 1
  let isJustOpened = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= space) continue
    if (code === closeBrace || code === closeBracket) depth--
    else if (isJustOpened || code === comma) parts++
    if (code === quote) at = endOfString(text, at)
    isJustOpened = code === openBrace || code === openBracket
    if (isJustOpened && ++depth > maxDepth) throw tooDeep()
    if (parts > maxParts) throw tooManyParts(maxParts)
  }
}

type Scope = { readonly keys: Set<string> | undefined; readonly path: string; index: number; key: string }

/** Walks over text that JSON.parse accepted. */
function duplicateKeys(text: string): readonly string[] {
  const found: string[] = []
  const scopes: Scope[] = []
  let expectsKey = false
  for (let at = 0; at < text.length; at++) {
    const scope = scopes.at(-1)
    switch (text.charCodeAt(at)) {
      case quote: {
        const end = endOfString(text, at)
        if (expectsKey && scope?.keys !== undefined) {
          scope.key = literalAt(text, at, end)
          if (scope.keys.has(scope.key) && found.length < maxReported) found.push(pathIn(scope))
          scope.keys.add(scope.key)
          expectsKey = false
        }
        at = end
        break
      }
      case openBrace:
      case openBracket: {
        const isObject = text.charCodeAt(at) === openBrace
        scopes.push({ keys: isObject ? new Set() : undefined, path: scope === undefined ? '' : pathIn(scope), index: 0, key: '' })
        expectsKey = isObject
        break
      }
      case closeBrace:
      case closeBracket:
        scopes.pop()
        expectsKey = false
        break
      case comma:
        if (scope?.keys === undefined && scope !== undefined) scope.index++
        expectsKey = scope?.keys !== undefined
        break
      case colon:
        expectsKey = false
        break
      default:
    }
  }
  return found
}

/** Between the quotes; most keys have no escapes, and then they are what they look like. */
function literalAt(text: string, start: number, end: number): string {
  const plain = text.slice(start + 1, end)
  return plain.includes('\\') ? (JSON.parse(text.slice(start, end + 1)) as string) : plain // a string literal of valid JSON
}

const pathIn = ({ keys, path, index, key }: Scope): string =>
  keys === undefined ? `${path}[${index}]` : path === '' ? shownName(key) : `${path}.${shownName(key)}`

function duplicateYamlKeys(node: unknown, path: string, found: string[]): string[] {
  const items = (node as { items?: unknown } | null)?.items
  if (!Array.isArray(items)) return found
  const keys = new Set<string>()
  for (const [index, item] of items.entries()) {
    const pair = item as { key?: unknown; value?: unknown } | null
    if (pair === null || typeof pair !== 'object' || !('key' in pair)) {
      duplicateYamlKeys(item, `${path}[${index}]`, found)
      continue
    }
    const key = String((pair.key as { value?: unknown } | null)?.value ?? pair.key)
    const at = path === '' ? key : `${path}.${key}`
    if (keys.has(key) && found.length < maxReported) found.push(at)
    keys.add(key)
    duplicateYamlKeys(pair.value, at, found)
  }
  return found
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let deepest = 0
  for (const entry of Object.values(value)) deepest = Math.max(deepest, depthOf(entry))
  return deepest + 1
}
