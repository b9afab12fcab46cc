import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeFileAtomic } from '@bramble/shared/atomic-file.ts'

/** Seals text with AES-256-GCM; `place` is bound to it, so that a sealed value cannot be moved to another object's row. */
export type Seal = { seal(text: string, place: string): Buffer; open(sealed: Buffer, place: string): string }

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** The seal of the key in this file, which is made on first use and readable by its owner only. */
export function createSeal(keyFile: string): Seal {
  if (!existsSync(keyFile)) writeFileAtomic(keyFile, randomBytes(keyBytes), 0o600)
  const key = readFileSync(keyFile)
  if (key.length !== keyBytes)
    throw new Error(`${keyFile} should hold ${keyBytes} bytes and holds ${key.length}: delete it, and Secrets are fetched anew`)
  return {
    seal(text, place) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed])
    },
    open(sealed, place) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(place))
        .setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes))
      return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]).toString('utf8')
    },
  }
}
