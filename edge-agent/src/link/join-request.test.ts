import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCa } from '../../../test/conformance/mqtt/certificates.ts'
import { createCredentialStore } from './credentials.ts'
import { keptJoinRequest } from './join-request.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bramble-joining-'))))
afterEach(() => rmSync(folder, { recursive: true }))

test('a board that loses power before it has its certificate asks with the same key and the same request again', () => {
  const first = keptJoinRequest(folder, 'pi-1')
  expect(keptJoinRequest(folder, 'pi-1')).toEqual(first)
  expect(statSync(join(folder, 'joining.json')).mode & 0o777).toBe(0o600)
  expect(keptJoinRequest(folder, 'pi-2').keyPem).not.toBe(first.keyPem)
})

test('a request that a power cut damaged is replaced by a new one', () => {
  const first = keptJoinRequest(folder, 'pi-1')
  writeFileSync(join(folder, 'joining.json'), JSON.stringify(first).slice(0, 40))
  const next = keptJoinRequest(folder, 'pi-1')
  expect(next.keyPem).not.toBe(first.keyPem)
  expect(keptJoinRequest(folder, 'pi-1')).toEqual(next)
})

test('a node that has its certificate keeps no request', () => {
  const { keyPem, csrPem } = keptJoinRequest(folder, 'pi-1')
  const ca = createTestCa()
  createCredentialStore(folder).replace({ node: 'pi-1', key: keyPem, certificate: ca.signCsr(csrPem), ca: ca.caPem })
  expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'node.pem'])
})
