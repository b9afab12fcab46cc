import { isUtf8 } from 'node:buffer'

// What no text holds by itself: half of a surrogate pair stands for a byte that is none of UTF-8's.
const escapes = 0xdc00
const escaped = /[\udc80-\udcff]/u

/**
 * Bytes as a text that `rawBytes` turns into the same bytes again. What is UTF-8 reads as it is; passwords and keys need not be, and
 * are given to a container as they are.
 */
export function rawText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((size) => at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)))
    text += length === undefined ? String.fromCharCode(escapes + (bytes[at] as number)) : bytes.toString('utf8', at, at + length) // within bounds
    at += length ?? 1
  }
  return text
}

export function rawBytes(text: string): Buffer {
  if (!escaped.test(text)) return Buffer.from(text)
  return Buffer.concat([...text].map((char) => (escaped.test(char) ? Buffer.from([char.charCodeAt(0) - escapes]) : Buffer.from(char))))
}

/** A text of the API, in which such a half stands for nothing. */
export const wellFormed = (text: string): string => (escaped.test(text) ? Buffer.from(text).toString() : text)
