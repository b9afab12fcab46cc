import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { createTestCa } from '../../../../test/conformance/mqtt/certificates.ts'
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

test('a card that can keep no key is told before anything is asked, in one sentence that says how to go on', () => {
  writeFileSync(join(folder, 'pki'), 'in the way') // as good as a disk that is full or read-only
  const ask = () => keptJoinRequest(join(folder, 'pki'), 'pi-1')
  expect(ask).toThrow(ConfigError)
  expect(ask).toThrow(/pki\/joining\.json cannot be written \(.+\).* make room on that disk, or mount it writable.* with the same token$/)
})

test('a first certificate that a full card cannot keep is told so too, and the request stays: asked again it is answered again', () => {
  const request = keptJoinRequest(folder, 'pi-1')
  const ca = createTestCa()
  const block = join(folder, 'node.pem.new')
  mkdirSync(join(block, 'in-the-way'), { recursive: true })
  const store = createCredentialStore(folder)
  const keep = () => store.replace({ node: 'pi-1', key: request.keyPem, certificate: ca.signCsr(request.csrPem), ca: ca.caPem })
  expect(keep).toThrow(ConfigError)
  expect(keep).toThrow(/node\.pem cannot be written .* with the same token$/)
  expect(store.current()).toBeUndefined()
  expect(keptJoinRequest(folder, 'pi-1')).toEqual(request)
  rmSync(block, { recursive: true })
  keep()
  expect(createCredentialStore(folder).current()?.node).toBe('pi-1')
})
