import { Unreadable } from './problem.ts'
import type { Token } from './lexer.ts'
import { type Constant, isInt64, isUint64, Uint } from './values.ts'

/** The value that a token writes. */
export function literalOf(token: Token, isNegative = false): Constant {
  const { tag, text, at } = token
  switch (tag) {
    case 'int': {
      const value = isNegative ? -BigInt(text) : BigInt(text)
      if (!isInt64(value)) throw new Unreadable(at, 'invalid int literal')
      return value
    }
    case 'uint': {
      const value = BigInt(text.slice(0, -1))
      if (isNegative || !isUint64(value)) throw new Unreadable(at, 'invalid uint literal')
      return new Uint(value)
    }
    case 'double': {
      const value = Number(text)
      if (!Number.isFinite(value)) throw new Unreadable(at, 'invalid double literal')
      return isNegative ? -value : value
    }
    case 'string':
    case 'bytes':
      return textOf(token)
    default:
      throw new Unreadable(at, `Syntax error: mismatched input '${text}'`)
  }
}

function textOf({ tag, text, at }: Token): string | Uint8Array {
  const [before = ''] = /^[a-zA-Z]*/.exec(text) ?? []
  const one = text.charAt(before.length)
  const width = text.startsWith(one.repeat(3), before.length) && text.length >= before.length + 6 ? 3 : 1
  const inner = text.slice(before.length + width, -width).replaceAll(/\r\n?/g, '\n')
  const isBytes = tag === 'bytes'
  if (/r/i.test(before)) return isBytes ? Buffer.from(inner) : inner
  // A byte by its number stands for itself and no character.
  const pieces: Uint8Array[] = []
  const texts: string[] = []
  let from = 0
  for (const { 0: found, index } of inner.matchAll(escape)) {
    const value = escaped(found, isBytes)
    if (value === undefined) throw new Unreadable(at, `Syntax error: unable to unescape string: ${found}`)
    const before = inner.slice(from, index)
    from = index + found.length
    if (isBytes) pieces.push(Buffer.from(before), typeof value === 'string' ? Buffer.from(value) : Buffer.from([value]))
    else texts.push(before, typeof value === 'string' ? value : String.fromCodePoint(value))
  }
  const rest = inner.slice(from)
  return isBytes ? Buffer.concat([...pieces, Buffer.from(rest)]) : texts.join('') + rest
}

const escape = /\\(?:x[0-9a-fA-F]{2}|X[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|[^])|\\/g
const simple: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '?': '?', '"': '"', "'": "'", '`': '`' },
}

/** A character or, by its number, a code point or byte. */
function escaped(found: string, isBytes: boolean): string | number | undefined {
  const kind = found.charAt(1)
  if (found.length === 2) return simple[kind]
  if (found.length < 2) return undefined
  const number = /[xXuU]/.test(kind) ? Number.parseInt(found.slice(2), 16) : Number.parseInt(found.slice(1), 8)
  if (/[uU]/.test(kind)) return isBytes || number > 0x10ffff || (number >= 0xd800 && number < 0xe000) ? undefined : number
  return number
}
