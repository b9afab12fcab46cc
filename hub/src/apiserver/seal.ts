import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Encrypts values of the kinds marked `encrypted` before they reach the store. `key` is bound in, so that a value cannot be moved to another object. */
export type Sealer = { seal(key: string, text: string): string; open(key: string, sealed: string): string }

const prefix = 'sealed:1:'
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM with a random nonce for each value. `secret` is 32 bytes. */
export const createSealer = (secret: Uint8Array): Sealer => ({
  seal(key, text) {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(key))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return prefix + Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
  },
  open(key, sealed) {
    if (!sealed.startsWith(prefix)) throw new Error(`the stored value of ${key} is not sealed as expected (${prefix}…)`)
    const bytes = Buffer.from(sealed.slice(prefix.length), 'base64')
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, ivBytes)).setAAD(Buffer.from(key))
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8')
  },
})

/** For tests and stores that hold nothing worth hiding. */
export const plainSealer: Sealer = { seal: (_key, text) => text, open: (_key, sealed) => sealed }
