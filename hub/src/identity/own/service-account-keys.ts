import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { newKey } from '../authority/key-pair.ts'
import { writeSecretFile } from '../secret-file.ts'

/**
 * The keys of the tokens of service accounts, in PEM; the first signs, all of them are believed. The first start makes one. To change
 * keys, put a new one on top and start the hub again; what the old one signed is good until that is taken out. Without them no token is
 * good any more, so they belong into every backup of the store.
 */
export function openServiceAccountKeys(path: string): readonly [KeyObject, ...KeyObject[]] {
  if (!existsSync(path)) writeSecretFile(path, newKey().keyPem)
  const blocks = readFileSync(path, 'utf8').match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? []
  const [first, ...others] = blocks.map((pem, index) => parse(pem, `key ${index + 1} of ${path}`))
  if (first?.type !== 'private') throw new Error(`${path}: expected a private key in PEM as the first one; put it back from a backup`)
  return [first, ...others]
}

function parse(pem: string, where: string): KeyObject {
  try {
    return pem.startsWith('-----BEGIN PUBLIC') ? createPublicKey(pem) : createPrivateKey(pem)
  } catch (cause) {
    throw new Error(`${where} cannot be read as a key: put it back from a backup`, { cause })
  }
}
