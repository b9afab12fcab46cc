import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openServiceAccountKeys } from './service-account-keys.ts'

let home: string
let path: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keys-'))
  path = join(home, 'pki', 'service-accounts.key')
})
afterEach(() => rmSync(home, { recursive: true }))

it('the first start makes a key that only its owner reads, and the next ones find it', () => {
  const [key] = openServiceAccountKeys(path)
  expect([key.type, key.asymmetricKeyDetails?.namedCurve, statSync(path).mode & 0o777]).toEqual(['private', 'prime256v1', 0o600])
  expect(openServiceAccountKeys(path)[0].equals(key)).toBe(true)
})

it('a new key on top signs; of the old one the public half is enough', () => {
  const [old] = openServiceAccountKeys(path)
  const oldPublic = createPublicKey(old)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()
  writeFileSync(path, `${pem}\nof last year:\n${oldPublic.export({ format: 'pem', type: 'spki' }).toString()}`)
  const [first, second] = openServiceAccountKeys(path)
  expect([first.equals(privateKey), second?.equals(oldPublic)]).toEqual([true, true])
})

it.each([
  ['nothing', () => '', 'expected a private key'],
  ['half a key', (pem: string) => pem.slice(0, 80), 'expected a private key'],
  ['a damaged key', (pem: string) => pem.replace(/\n.{8}/, '\nAAAAAAAA'), 'cannot be read as a key'],
  [
    'the public half alone',
    (pem: string) => createPublicKey(pem).export({ format: 'pem', type: 'spki' }).toString(),
    'expected a private key',
  ],
])('a file with %s is told, and not written over', (_title, damaged, why) => {
  openServiceAccountKeys(path)
  const text = damaged(readFileSync(path, 'utf8'))
  writeFileSync(path, text)
  expect(() => openServiceAccountKeys(path)).toThrow(why)
  expect(() => openServiceAccountKeys(path)).toThrow('put it back from a backup')
  expect(readFileSync(path, 'utf8')).toBe(text)
})
