import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'

/** Seals text with AES-256-GCM; `place` is bound to it, so that a sealed value cannot be moved to another object's row. */
export type Seal = { seal(text: string, place: string): Buffer; open(sealed: Buffer, place: string): string }

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/**
 * The seal of the key in this file, which is made on first use and readable by its owner only. A damaged key is put aside: what it
 * sealed is lost with it and is fetched anew. Nothing is sealed with a key that is not on the disk: `seal` throws until it is.
 */
export function createSeal(keyFile: string, log: Log): Seal {
  const stored = readKey(keyFile, log)
  const key = stored ?? randomBytes(keyBytes)
  let isKept = stored !== undefined
  return {
    seal(text, place) {
      if (!isKept) writeFileAtomic(keyFile, key, 0o600)
      isKept = true
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

function readKey(keyFile: string, log: Log): Buffer | undefined {
  if (!existsSync(keyFile)) return undefined
  try {
    const key = readFileSync(keyFile)
    if (key.length === keyBytes) return key
    log.warn({ file: keyFile, bytes: key.length }, 'key of the stored Secrets is damaged, it is put aside and they are fetched anew')
    renameSync(keyFile, `${keyFile}.damaged`)
  } catch (error) {
    log.warn({ file: keyFile, error: messageOf(error) }, 'key of the stored Secrets cannot be read, they are fetched anew')
  }
  return undefined
}
