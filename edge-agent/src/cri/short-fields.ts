/** A message as it arrives, with every text and byte field cut after so many bytes; what is cut is never held. */
export type ShortMessage = { push(chunk: Buffer): void; take(): Buffer }

const varint = 0
const fixed64 = 1
const lengthDelimited = 2
const fixed32 = 5
// Ten bytes of seven bits hold every number of the format.
const maxVarintBytes = 10

/**
 * For messages whose fields somebody else fills: a command in a container may print 16 MiB, of which the first KiB is told. Looks at the
 * outermost fields only, so it is for messages that hold no others.
 */
export function createShortMessage(maxFieldBytes: number): ShortMessage {
  const out: Buffer[] = []
  let state: 'tag' | 'value' | 'length' | 'bytes' = 'tag'
  let number = 0n
  let numberBytes = 0
  /** Of the field that is being read: still to be kept, and then to be skipped. */
  let toKeep = 0
  let toSkip = 0

  /** A number of the format is over with its first byte below 128. */
  const takeNumberByte = (byte: number): boolean => {
    if (numberBytes === maxVarintBytes) throw new Error('a number in the message does not end')
    number |= BigInt(byte & 0x7f) << BigInt(7 * numberBytes)
    numberBytes += 1
    return byte < 0x80
  }
  const take = (): bigint => {
    const taken = number
    number = 0n
    numberBytes = 0
    return taken
  }
  const afterTag = (tag: bigint): void => {
    const wireType = Number(tag & 7n)
    if (wireType === lengthDelimited) state = 'length'
    else if (wireType === varint) state = 'value'
    else if (wireType === fixed64 || wireType === fixed32) {
      state = 'bytes'
      toKeep = wireType === fixed64 ? 8 : 4
    } else throw new Error(`the message has a field of wire type ${wireType}`)
  }
  const afterLength = (length: number): void => {
    toKeep = Math.min(length, maxFieldBytes)
    toSkip = length - toKeep
    out.push(encoded(toKeep))
    state = length === 0 ? 'tag' : 'bytes'
  }

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length;) {
        if (state === 'bytes') {
          const kept = chunk.subarray(at, at + toKeep)
          // A copy: a slice would hold the whole piece it was cut from.
          if (kept.length > 0) out.push(Buffer.from(kept))
          at += kept.length
          toKeep -= kept.length
          const skipped = Math.min(toSkip, chunk.length - at)
          at += skipped
          toSkip -= skipped
          if (toKeep === 0 && toSkip === 0) state = 'tag'
          continue
        }
        const byte = chunk[at] as number // within bounds
        at += 1
        if (state !== 'length') out.push(Buffer.of(byte))
        if (!takeNumberByte(byte)) continue
        const read = take()
        if (state === 'tag') afterTag(read)
        else if (state === 'length') afterLength(Number(read))
        else state = 'tag'
      }
    },
    take: () => Buffer.concat(out),
  }
}

function encoded(length: number): Buffer {
  const bytes: number[] = []
  for (let rest = length; ;) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest === 0 ? low : low | 0x80)
    if (rest === 0) return Buffer.from(bytes)
  }
}
