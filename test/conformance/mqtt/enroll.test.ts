import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { ApiError, isApiError } from '@bramble/shared/api/api-error.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import { createCredentialStore } from '../../../edge-agent/src/link/identity/credentials.ts'
import { createKeyAndCsr } from '../../../edge-agent/src/link/identity/csr.ts'
import { enroll } from '../../../edge-agent/src/link/identity/enroll.ts'
import { openHubSocket } from '../../../edge-agent/src/link/hub-socket.ts'
import type { Enroll } from '../../../hub/src/broker/joining/join-desk.ts'
import { createTestCa } from './certificates.ts'
import { startHub, startNode, until } from './hub-and-node.ts'
import { createSmallApi } from './small-api.ts'

const ca = createTestCa()
const fingerprint = createHash('sha256').update(new X509Certificate(ca.caPem).raw).digest('hex')
const token = `abcdef.0123456789abcdef.${fingerprint}`
const signal = new AbortController().signal

const opened: { stop(): unknown }[] = []
const keep = <T extends { stop(): unknown }>(thing: T): T => (opened.unshift(thing), thing)
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.stop()
})
const open = async (answer: Enroll) => keep(await startHub(createSmallApi().handler, { ca, enroll: answer }))
const sign: Enroll = async ({ csrPem }) => ({ certificatePem: ca.signCsr(csrPem), caPem: ca.caPem })
const enrollAt = (hub: { port: number }, more: { token?: string; node?: string } = {}) =>
  enroll({ hubUrl: `mqtts://127.0.0.1:${hub.port}`, token, node: 'pi-1', clock: systemClock, log: silentLog, ...more }, signal)

test('the request for a certificate is one that openssl accepts, with the name of the node', () => {
  const { csrPem } = createKeyAndCsr('pi-1')
  expect(ca.csrSubject(csrPem)).toContain('CN=system:node:pi-1')
  expect(ca.csrSubject(csrPem)).toContain('O=system:nodes')
})

test('a machine with a token becomes a node, and connects with what it got', async () => {
  const asked: object[] = []
  const hub = await open(async (request) => (asked.push({ ...request, csrPem: '' }), sign(request)))
  const credentials = await enrollAt(hub)
  expect(asked).toEqual([{ token, node: 'pi-1', csrPem: '' }])
  const folder = mkdtempSync(join(tmpdir(), 'bramble-enroll-'))
  keep({ stop: () => rmSync(folder, { recursive: true }) })
  const store = createCredentialStore(folder)
  expect(store.current()).toBeUndefined()
  store.replace(credentials)
  expect(statSync(join(folder, 'node.pem')).mode & 0o777).toBe(0o600)
  const again = createCredentialStore(folder)
  expect(again.current()?.node).toBe('pi-1')
  keep(startNode('unused', hub, { credentials: again }))
  await until(() => hub.gateway.connectedNodes().includes('pi-1'), 'connected')
})

test('a hub that is not the one of the token is refused before anything is said to it', async () => {
  let asked = 0
  const hub = await open(async (request) => (asked++, sign(request)))
  const other = `abcdef.0123456789abcdef.${'0'.repeat(64)}`
  await expect(enrollAt(hub, { token: other })).rejects.toThrow(/is not the hub this token is for/)
  expect(asked).toBe(0)
})

test("the hub's refusal is what the user reads", async () => {
  const hub = await open(() => Promise.reject(new ApiError('Unauthorized', 'the join token abcdef expired: make a new one')))
  await expect(enrollAt(hub)).rejects.toSatisfy((error) => isApiError(error, 'Unauthorized') && error.message.includes('expired'))
})

test.each(['', 'abc', 'abcdef.0123456789abcdef', 'abcdef.0123456789abcdef.nothex'])('a token that is none is refused: %j', async (text) => {
  await expect(enrollAt({ port: 1 }, { token: text })).rejects.toThrow(/the token is written/)
})

test('guessing tokens is slowed down: a burst is looked at, the rest is put off until time has passed', async () => {
  let asked = 0
  let put = 0
  let ms = 0
  const answer: Enroll = async () => (asked++, Promise.reject(new ApiError('Unauthorized', 'no')))
  const hub = keep(await startHub(createSmallApi().handler, { ca, enroll: answer, clock: { ...systemClock, monotonic: () => ms } }))
  const stop = new AbortController()
  const log = createLog({ write: (line) => (line.includes('try again in a few seconds') ? put++ : undefined) })
  const guess = () =>
    enroll({ hubUrl: `mqtts://127.0.0.1:${hub.port}`, token, node: 'pi-1', clock: systemClock, log }, stop.signal).catch(() => {})
  const many = Array.from({ length: 40 }, guess)
  await until(() => asked + put === 40, 'each guess has its answer')
  expect(asked).toBe(32)
  ms += 500
  await until(() => asked > 32, 'one of those that were put off')
  stop.abort()
  await Promise.all(many)
})

test('a damaged credential file says what to do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-enroll-'))
  keep({ stop: () => rmSync(folder, { recursive: true }) })
  writeFileSync(join(folder, 'node.pem'), 'nonsense')
  writeFileSync(join(folder, 'ca.crt'), ca.caPem)
  expect(() => createCredentialStore(folder)).toThrow(/join again with a new token/)
})

test('a board that woke up in 1970 gets in, because only "not yet valid" is forgiven', async () => {
  const hub = await open(sign)
  const in1970 = { now: () => 0, monotonic: () => performance.now() }
  const address = { host: '127.0.0.1', port: hub.port }
  const own = ca.issue('/O=system:nodes/CN=system:node:pi-1')
  const socket = await openHubSocket({ address, ca: ca.caPem, own, clock: in1970, signal })
  socket.destroy()
  await expect(openHubSocket({ address, ca: createTestCa().caPem, own, clock: in1970, signal })).rejects.toThrow(/not issued by our CA/)
  await expect(openHubSocket({ address: { ...address, host: '127.0.0.2' }, ca: ca.caPem, own, clock: in1970, signal })).rejects.toThrow()
})

test('a hub of another cluster is named as such', async () => {
  const hub = await open(sign)
  const address = { host: '127.0.0.1', port: hub.port }
  await expect(openHubSocket({ address, ca: createTestCa().caPem, clock: systemClock, signal })).rejects.toThrow(/is it another cluster/)
})
