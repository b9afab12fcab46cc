/** How the messages of one of Kubernetes' protocols name their channel and carry its bytes. */
export type Wording = {
  encode(channel: number, bytes: Uint8Array): Buffer | string
  /** Undefined: no message of this protocol. */
  decode(message: Buffer): { readonly channel: number; readonly bytes: Uint8Array } | undefined
}

const binary: Wording = {
  encode(channel, bytes) {
    const message = Buffer.allocUnsafe(bytes.length + 1)
    message[0] = channel
    message.set(bytes, 1)
    return message
  },
  decode: (message) => (message[0] === undefined ? undefined : { channel: message[0], bytes: message.subarray(1) }),
}

/** For those who can only speak text: the channel as that many characters behind `0`, and the rest in base64. */
const base64: Wording = {
  encode: (channel, bytes) =>
    `${String.fromCharCode(zero + channel)}${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}`,
  decode(message) {
    const channel = (message[0] ?? 0) - zero
    return channel < 0 || channel > lastOfText ? undefined : { channel, bytes: Buffer.from(message.toString('latin1', 1), 'base64') }
  },
}

const zero = 48
/** Those behind it are no single characters of text. */
const lastOfText = 127 - zero

export const wordingOf = (protocol: string): Wording => (protocol.includes('base64.') ? base64 : binary)
