import type { Piece } from './message-reader.ts'

/** How the messages of one of Kubernetes' protocols name their channel and carry its bytes. */
export type Wording = {
  readonly isText: boolean
  /** One message, in pieces. */
  encode(channel: number, bytes: Uint8Array): readonly Uint8Array[]
  /** What a piece of a message says, told of one after the other. Undefined: nothing yet, or no message of this protocol. */
  reader(): (piece: Piece) => Part | undefined
}

/** Of what one message says to a channel. */
export type Part = { readonly channel: number; readonly bytes: Uint8Array; readonly isLast: boolean }

const binary: Wording = {
  isText: false,
  encode: (channel, bytes) => [Uint8Array.of(channel), bytes],
  reader() {
    let channel: number | undefined
    return ({ bytes, isFirst, isLast }) => {
      if (isFirst) channel = undefined
      const isHead = channel === undefined
      channel ??= bytes[0]
      return channel === undefined ? undefined : { channel, bytes: isHead ? bytes.subarray(1) : bytes, isLast }
    }
  },
}

/** For those who can only speak text: the channel as that many characters behind `0`, and the rest in base64. */
const base64: Wording = {
  isText: true,
  encode: (channel, bytes) => [
    Uint8Array.of(zero + channel),
    Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), 'latin1'),
  ],
  reader() {
    let channel: number | undefined
    /** Four characters are three bytes: what is left of them waits for the next piece. */
    let rest = ''
    return ({ bytes, isFirst, isLast }) => {
      if (isFirst) {
        channel = undefined
        rest = ''
      }
      const isHead = channel === undefined
      if (isHead && bytes[0] !== undefined) channel = bytes[0] - zero
      if (channel === undefined || channel < 0 || channel > lastOfText) return undefined
      const text = rest + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', isHead ? 1 : 0)
      const whole = isLast ? text.length : text.length - (text.length % 4)
      rest = text.slice(whole)
      return { channel, bytes: Buffer.from(text.slice(0, whole), 'base64'), isLast }
    }
  },
}

const zero = 48
/** Those behind it are no single characters of text. */
const lastOfText = 127 - zero

export const wordingOf = (protocol: string): Wording => (protocol.includes('base64.') ? base64 : binary)
