import { createPrivateKey } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ConfigError } from '@bramble/shared/config.ts'
import { createLog } from '@bramble/shared/log.ts'
import { createTestCa } from '../../../test/conformance/mqtt/certificates.ts'
import { createCsr } from './csr.ts'
import { createCredentialStore, openCredentials } from './credentials.ts'
import { joinTokenOf } from './join-token.ts'

const folder = mkdtempSync(join(tmpdir(), 'bramble-pki-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const damages = [
  ['cut', '-----BEGIN PRIVATE KEY-----\nMIGHAgE'],
  ['empty', ''],
  ['overwritten', '\0'.repeat(400)],
] as const

const damaged = (text: string) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'node.pem'), text)
  writeFileSync(join(folder, 'ca.crt'), 'x')
}
const tokenFile = () => {
  const file = join(folder, 'token')
  writeFileSync(file, 'abc\n')
  return file
}
const quiet = createLog({ write: () => {} })

test.each(damages)(
  'credentials that are %s are told in one sentence that says how to go on, and stay when there is no token',
  (_how, text) => {
    damaged(text)
    const open = () => openCredentials(folder, {}, quiet)
    expect(open).toThrow(ConfigError)
    expect(open).toThrow(/node\.pem does not hold a node's key and certificate: join again with a new token \(--token-file\)/)
    expect(() => openCredentials(folder, { tokenFile: join(folder, 'gone') }, quiet)).toThrow(/does not hold a node's key/)
    expect(readdirSync(folder)).toContain('node.pem')
  },
)

test.each([
  ['a token', () => ({ token: 'abc' })],
  ['a file with a token', () => ({ tokenFile: tokenFile() })],
])('damaged credentials are put aside for %s', (_way, source) => {
  damaged('')
  expect(openCredentials(folder, source(), quiet).current()).toBeUndefined()
  expect(readdirSync(folder)).toContain('node.pem.damaged')
})

test('the token is read from its file, and a file that is missing is named', () => {
  mkdirSync(folder, { recursive: true })
  expect(joinTokenOf({ tokenFile: tokenFile() })).toBe('abc')
  expect(joinTokenOf({ token: 'given', tokenFile: join(folder, 'gone') })).toBe('given')
  expect(() => joinTokenOf({ tokenFile: join(folder, 'gone') })).toThrow(/--token-file: .*gone does not exist/)
  expect(() => joinTokenOf({})).toThrow(/give --token or --token-file/)
})

test('a renewed certificate that a full disk refuses is used all the same, and kept when there is room', () => {
  const ca = createTestCa()
  const store = createCredentialStore(folder)
  const first = { node: 'pi-1', ca: ca.caPem, ...ca.issue('/O=system:nodes/CN=system:node:pi-1') }
  store.replace(first)
  const renewed = { ...first, certificate: ca.signCsr(createCsr('pi-1', createPrivateKey(first.key))) }
  const other = { ...first, ...ca.issue('/O=system:nodes/CN=system:node:pi-1') }
  const block = join(folder, 'node.pem.new')
  mkdirSync(join(block, 'in-the-way'), { recursive: true }) // as good as a disk without room
  expect(() => store.replace(renewed)).toThrow()
  expect(store.current()).toEqual(renewed)
  expect(() => store.save()).toThrow()
  expect(() => store.replace(other)).toThrow()
  expect(store.current()).toEqual(renewed)
  rmSync(block, { recursive: true })
  store.save()
  expect(createCredentialStore(folder).current()?.certificate.trim()).toBe(renewed.certificate.trim())
})
