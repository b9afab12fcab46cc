import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { writeSecretFile } from './secret-file.ts'

/** The shape that `store/sealed-disk.ts` takes. */
export type SecretKey = { readonly id: string; readonly key: Uint8Array }

/**
 * The keys that seal Secrets on the disk, one `<id> <base64 of 32 bytes>` a line; the first seals, all of them open. The first start
 * makes one. To change keys, put a new line on top. It belongs into every backup of the store.
 */
export function openSecretKeys(path: string): readonly [SecretKey, ...SecretKey[]] {
  if (!existsSync(path)) writeSecretFile(path, `${randomBytes(4).toString('hex')} ${randomBytes(32).toString('base64')}\n`)
  const [first, ...others] = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => parse(line, `${path}:${index + 1}`))
  if (first === undefined) throw new Error(`${path} holds no key: put it back from a backup`)
  return [first, ...others]
}

function parse(line: string, where: string): SecretKey {
  const [, id, text] = /^([a-z0-9-]{1,32})\s+([A-Za-z0-9+/]{43}=)\s*$/.exec(line) ?? []
  if (id === undefined || text === undefined)
    throw new Error(`${where}: expected a name of a-z, 0-9 and -, and 32 bytes in base64; put it back from a backup`)
  return { id, key: Buffer.from(text, 'base64') }
}
