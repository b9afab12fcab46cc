import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ConfigError } from '@bramble/shared/config.ts'
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
