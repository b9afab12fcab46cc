import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'

/**
 * Text in parts that are each deflated once and then put together, in any order, with others (RFC 1951): each ends at a whole byte and needs
 * nothing of what comes before it. The last one says that it is.
 */
export const deflatedPart = (text: string): Uint8Array =>
  deflateRawSync(text, { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_FULL_FLUSH })

/** The same as it is, for what is short or said to one only [RFC 1951 3.2.4]. */
export function storedPart(text: string, { isLast = false } = {}): Uint8Array {
  const bytes = Buffer.from(text)
  const parts: Uint8Array[] = []
  let at = 0
  do {
    const part = bytes.subarray(at, at + maxStored)
    at += part.length
    const head = Buffer.alloc(5)
    head.writeUInt8(isLast && at >= bytes.length ? 1 : 0)
    head.writeUInt16LE(part.length, 1)
    head.writeUInt16LE(~part.length & 0xffff, 3)
    parts.push(head, part)
  } while (at < bytes.length)
  return Buffer.concat(parts)
}
const maxStored = 0xffff

export const deflated = (text: string): Uint8Array => deflateRawSync(text, { level: constants.Z_BEST_SPEED })

/** Throws for what is none, and for what would become more than that. */
export const inflated = (bytes: Uint8Array, maxBytes: number): Uint8Array => inflateRawSync(bytes, { maxOutputLength: maxBytes })
