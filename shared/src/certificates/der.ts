/** One value of DER, X.690: its tag, what is in it, and all of it with its head. */
export type Der = { readonly tag: number; readonly content: Buffer; readonly whole: Buffer }

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  objectId: 0x06,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** The values that stand one after the other. Throws for what is no DER. */
export function derValues(bytes: Buffer): readonly Der[] {
  const values: Der[] = []
  for (let at = 0; at < bytes.length;) {
    const value = derAt(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

function derAt(bytes: Buffer, at: number): Der {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new Error('it is no DER')
  // The short form, or the number of bytes that tell the length; four are more than anybody sends.
  const more = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) throw new Error('it is no DER: its length is odd')
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  const start = at + 2 + more
  if (start + length > bytes.length) throw new Error('it is no DER: it ends early')
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}

/** `1.2.840.10045.4.3.2` */
export function objectIdOf({ tag, content }: Der): string {
  if (tag !== tags.objectId || content.length === 0) throw new Error('expected an object identifier')
  const parts: number[] = []
  let value = 0
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    parts.push(value)
    value = 0
  }
  const [first = 0, ...rest] = parts
  const root = Math.min(Math.trunc(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}
