import { connect, type ConnectionOptions } from 'node:tls'
import { createServer } from 'node:tls'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secureOptions } from '../../broker/thread/tls-options.ts'
import { createTestApi } from '../testing/api.ts'
import { createPki } from '../testing/pki.ts'
import { createHttpServer } from './server.ts'

/** What is agreed upon, or the word of whoever refuses. */
const spoken = (port: number, options: ConnectionOptions): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
    const told = (text: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.once('secureConnect', () => told(`${socket.getProtocol()} ${socket.getCipher().name}`))
    socket.once('error', (error: NodeJS.ErrnoException) => told(`refused: ${error.code}`))
  })

// What OpenSSL itself would still offer, were it asked to.
const lax = (version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers = 'ALL:@SECLEVEL=0'): ConnectionOptions => ({
  ...{ minVersion: version, maxVersion: version, ciphers },
})
const weak = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-CCM8',
]
const strong = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305']

async function expectStrong(port: number): Promise<void> {
  expect(await spoken(port, { maxVersion: 'TLSv1.3' })).toMatch(/^TLSv1\.3 TLS_(AES|CHACHA20)/)
  for (const cipher of strong) expect(await spoken(port, lax('TLSv1.2', `${cipher}:@SECLEVEL=0`))).toBe(`TLSv1.2 ${cipher}`)
  for (const cipher of weak) expect(await spoken(port, lax('TLSv1.2', `${cipher}:@SECLEVEL=0`)), cipher).toMatch(/^refused/)
  for (const version of ['TLSv1', 'TLSv1.1'] as const) expect(await spoken(port, lax(version)), version).toMatch(/^refused/)
}

describe('the HTTPS door', () => {
  const stop = new AbortController()
  let running: Promise<void>
  let port: number
  let pki: Awaited<ReturnType<typeof createPki>>
  let server: ReturnType<typeof createHttpServer>

  beforeAll(async () => {
    pki = await createPki()
    const { handle } = await createTestApi()
    const tls = { ...(await pki.leaf('hub', [], 'server')), ca: pki.ca }
    server = createHttpServer({ handle, tls, address: '127.0.0.1', port: 0, log: silentLog })
    running = server.run(stop.signal)
    port = await server.listening
  })
  afterAll(async () => {
    stop.abort()
    await running
  })

  it('speaks strong ciphers of TLS 1.2 and 1.3, and nothing weaker, also after its certificate was renewed', async () => {
    await expectStrong(port)
    server.setTls({ ...(await pki.leaf('hub', [], 'server')), ca: pki.ca })
    await expectStrong(port)
  })
})

it('so does the door of the nodes', async () => {
  const pki = await createPki()
  const { cert, key } = await pki.leaf('hub', [], 'server')
  const server = createServer(secureOptions({ certificate: cert, key, ca: pki.ca }))
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    await expectStrong((server.address() as { port: number }).port)
  } finally {
    server.close()
  }
})
