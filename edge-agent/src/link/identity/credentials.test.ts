import { createPrivateKey } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { createTestCa } from '../../../../test/conformance/mqtt/certificates.ts'
import { createCsr } from './csr.ts'
import { createCredentialStore, putCredentialsAside } from './credentials.ts'

const folder = mkdtempSync(join(tmpdir(), 'bramble-pki-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['cut', '-----BEGIN PRIVATE KEY-----\nMIGHAgE'],
  ['empty', ''],
  ['overwritten', '\0'.repeat(400)],
])('credentials that are %s are told in one sentence that says how to go on, and can be put aside', (_how, text) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'node.pem'), text)
  writeFileSync(join(folder, 'ca.crt'), 'x')
  const open = () => createCredentialStore(folder)
  expect(open).toThrow(ConfigError)
  expect(open).toThrow(/node\.pem does not hold a node's key and certificate: join again with a new token \(--token\)/)
  putCredentialsAside(folder)
  expect(open().current()).toBeUndefined()
  expect(readdirSync(folder)).toContain('node.pem.damaged')
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

test('only its owner reads the key of a node, whatever the umask is', () => {
  const before = process.umask(0)
  try {
    createCredentialStore(folder).replace({ node: 'pi-1', ...issued() })
    const modeOf = (file: string) => (statSync(join(folder, file)).mode & 0o777).toString(8)
    expect([modeOf('node.pem'), modeOf('ca.crt')]).toEqual(['600', '644'])
  } finally {
    process.umask(before)
  }
})

function issued() {
  const ca = createTestCa()
  return { ca: ca.caPem, ...ca.issue('/O=system:nodes/CN=system:node:pi-1') }
}
