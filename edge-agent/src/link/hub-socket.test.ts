import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { signing } from '@bramble/hub/identity/authority/signing.ts'
import { systemClock, type Clock } from '@bramble/shared/clock.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { createHubTime } from './hub-time.ts'
import { openHubSocket } from './hub-socket.ts'

const day = 24 * 3600 * 1000
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

/** A hub whose certificate is valid for these days from now. */
async function hubFrom(from: number, to: number, addresses = ['127.0.0.1']) {
  const validity = (a: number, b: number) => ({ notBefore: new Date(Date.now() + a * day), notAfter: new Date(Date.now() + b * day) })
  const [caKey, key] = [newKey(), newKey()]
  const ca = await signing.signRoot({ commonName: 'ca', keyPem: caKey, validity: validity(-3000, 3000) })
  const cert = await signing.signLeaf({
    issuer: { certPem: ca, keyPem: caKey },
    subject: { commonName: 'hub', organizations: [] },
    validity: validity(from, to),
    key: { type: 'public', pem: createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString() },
    use: { type: 'server', names: [], addresses },
  })
  const server = createServer({ key, cert })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  return async (trusted = ca, isOver?: (notAfter: number) => boolean, clock: Clock = systemClock) => {
    const signal = new AbortController().signal
    const socket = await openHubSocket({ address, ca: trusted, clock, ...(isOver && { isOver }), signal })
    socket.destroy()
    return 'open'
  }
}

test('a hub certificate that was renewed while the clock of the board is behind lets the board in', async () => {
  expect(await (await hubFrom(30, 700))()).toBe('open')
})

test('what is short does not wait in the system until the hub has acknowledged what was said before', async () => {
  const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
  onTestFinished(() => setNoDelay.mockRestore())
  await (
    await hubFrom(-1, 30)
  )()
  expect(setNoDelay.mock.calls).toEqual([[true]])
})

test('a certificate that is not valid yet is refused all the same when it is not for this hub or not of our CA', async () => {
  await expect((await hubFrom(30, 700, ['192.0.2.1']))()).rejects.toThrow(/is not for 127.0.0.1/)
  const other = await signing.signRoot({
    commonName: 'ca',
    keyPem: newKey(),
    validity: { notBefore: new Date(0), notAfter: new Date(Date.now() + day) },
  })
  await expect((await hubFrom(30, 700))(other)).rejects.toThrow(/not issued by/)
})

test('a hub certificate that has expired by a clock that is years ahead lets the board in, unless it had when the hub was last heard', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-socket-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const ahead = { now: () => Date.now() + 5000 * day, monotonic: () => 0 }
  const { isOver, heard } = createHubTime({ file: join(folder, 'hub-time'), clock: ahead, log: silentLog })
  await expect((await hubFrom(-30, -1))(undefined, isOver)).rejects.toThrow(/has expired by this machine's clock/)
  heard(Date.now() - 10 * day)
  expect(await (await hubFrom(-30, -1))(undefined, isOver)).toBe('open')
  await expect((await hubFrom(-30, -20))(undefined, isOver)).rejects.toThrow(/has expired by this machine's clock/)
  await expect((await hubFrom(-30, -1, ['192.0.2.1']))(undefined, isOver)).rejects.toThrow(/is not for 127.0.0.1/)
})

test('a board that never heard its hub and has a clock that is ahead is told which to set, and gets in when it is set', async () => {
  const connect = await hubFrom(-30, -1)
  const dayAt = (days: number) => new Date(Date.now() + days * day).toISOString().slice(0, 10)
  await expect(connect()).rejects.toThrow(
    `its certificate has expired by this machine's clock (${dayAt(0)}): its certificate ended on ${dayAt(-1)}; set this clock if it is wrong`,
  )
  const isSet: Clock = { ...systemClock, now: () => Date.now() - 2 * day }
  expect(await connect(undefined, undefined, isSet)).toBe('open')
})

test('a hub certificate that has expired is refused, saying which clock to look at', async () => {
  await expect((await hubFrom(-30, -1))()).rejects.toThrow(/has expired by this machine's clock/)
})
