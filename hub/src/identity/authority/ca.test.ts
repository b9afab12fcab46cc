import 'reflect-metadata'
import { X509Certificate, createHash, generateKeyPairSync, webcrypto } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, connect, type TLSSocket } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import * as x509 from '@peculiar/x509'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeyAndCsr } from '@bramble/edge-agent/link/identity/csr.ts'
import { systemClock, type Clock } from '@bramble/shared/clock.ts'
import { openCa } from './ca.ts'
import { certificateOf } from './key-pair.ts'
import { signing } from './signing.ts'

const now = Date.UTC(2026, 10, 23)
const clock = { now: () => now, monotonic: () => 0 }
const day = 24 * 3600 * 1000

describe('the cluster CA', () => {
  let home: string
  let dir: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'identity-'))
    dir = join(home, 'hub', 'pki')
  })
  afterEach(() => rmSync(home, { recursive: true }))
  const open = (at: Clock = clock) => openCa({ dir, signer: signing, clock: at })

  it('is made at the first start, readable by its owner only, and is the same ever after', async () => {
    const first = await open()
    expect((await open()).caPem).toBe(first.caPem)
    for (const file of ['ca.crt', 'ca.key']) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    const root = new X509Certificate(first.caPem)
    expect(root.ca).toBe(true)
    expect(root.verify(root.publicKey)).toBe(true)
    expect(first.caHash).toBe(createHash('sha256').update(root.raw).digest('hex'))
    expect(Date.parse(root.validTo)).toBeGreaterThan(now + 10 * 365 * day)
    expect(Date.parse(root.validFrom)).toBeLessThan(now - day)
  })

  it('is good by the right clock when it was made under a wrong one', async () => {
    for (const wrong of [Date.UTC(1970, 0, 1), Date.UTC(2041, 0, 1)]) {
      const root = new X509Certificate((await open({ ...clock, now: () => wrong })).caPem)
      expect(Date.parse(root.validFrom)).toBeLessThan(now)
      expect(Date.parse(root.validTo)).toBeGreaterThan(now + 10 * 365 * day)
      rmSync(dir, { recursive: true })
    }
  })

  it('is made again when the power went between its key and its certificate', async () => {
    await open()
    rmSync(join(dir, 'ca.crt'))
    const again = await open()
    expect(certificateOf({ certPem: again.caPem, keyPem: readFileSync(join(dir, 'ca.key'), 'utf8') })).toBeDefined()
  })

  it('says what to do when a file is missing or wrong', async () => {
    await open()
    const key = readFileSync(join(dir, 'ca.key'))
    writeFileSync(join(dir, 'ca.key'), 'nonsense')
    await expect(open()).rejects.toThrow(/ca\.key is not the key of .*ca\.crt: put the right one back/)
    rmSync(join(dir, 'ca.key'))
    await expect(open()).rejects.toThrow(/ca\.crt is there but its key .* is not: put the key back/)
    writeFileSync(join(dir, 'ca.key'), key)
    await open()
  })

  it('signs a certificate request for the subject that the hub decides, whatever the request asks for', async () => {
    const ca = await open()
    const { csrPem, keyPem } = createKeyAndCsr('someone-else')
    const certPem = await ca.signCsr(csrPem, { commonName: 'system:node:pi-7', organizations: ['system:nodes'] })
    const certificate = certificateOf({ certPem, keyPem })
    expect(certificate?.subject).toBe('O=system:nodes\nCN=system:node:pi-7')
    expect(certificate?.ca).toBe(false)
    expect(certificate?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(ca.hasIssued(certificate as X509Certificate)).toBe(true)
    expect(Date.parse(certificate?.validFrom ?? '')).toBeLessThan(Date.UTC(2025, 0, 1))
  })

  it('does not let a name smuggle in another attribute', async () => {
    const ca = await open()
    const { certPem } = await ca.issueClient({ commonName: 'x, O=system:masters\nO=system:masters', organizations: ['a+b'] })
    const { subject } = new x509.X509Certificate(certPem)
    expect(new x509.Name(subject).getField('O')).toEqual(['a+b'])
  })

  it.each([
    ['P-384', { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }],
    ['Ed25519', { name: 'Ed25519' }],
    ['RSA 2048', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }],
  ])('signs requests with %s keys', async (_, algorithm) => {
    const ca = await open()
    const certPem = await ca.signCsr(await csrWith(algorithm), { commonName: 'x', organizations: [] })
    expect(new X509Certificate(certPem).subject).toBe('CN=x')
  })

  it('refuses requests that are not signed by their own key, weak, large or no requests at all', async () => {
    const ca = await open()
    const sign = (csr: string) => ca.signCsr(csr, { commonName: 'x', organizations: [] })
    const good = createKeyAndCsr('pi-7').csrPem
    const lines = good.split('\n')
    const der = Buffer.from(lines.slice(1, -2).join(''), 'base64')
    const at = der.indexOf('system:node:pi-7')
    der[at] = 'S'.charCodeAt(0)
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    await expect(sign(forged)).rejects.toMatchObject({
      reason: 'Invalid',
      message: 'the certificate request is refused: the signature does not fit the key',
    })
    await expect(sign('hello')).rejects.toThrow('PEM block type must be CERTIFICATE REQUEST')
    await expect(sign('x'.repeat(20_000))).rejects.toThrow('16384 are allowed')
    const weak = await csrWith({
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 1024,
      publicExponent: new Uint8Array([1, 0, 1]),
    })
    await expect(sign(weak)).rejects.toThrow('its RSA key has 1024 bits, expected 2048 to 8192')
    // Looked at before its signature is: of that nothing is known.
    const unknown = Buffer.from(weak.split('\n').slice(1, -1).join(''), 'base64')
    unknown[unknown.lastIndexOf(Buffer.from('2a864886f70d01010b', 'hex')) + 8] = 99
    const strange = `-----BEGIN CERTIFICATE REQUEST-----\n${unknown.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    await expect(sign(strange)).rejects.toThrow('its RSA key has 1024 bits, expected 2048 to 8192')
    await expect(sign(await csrWith({ name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' }))).rejects.toThrow(
      'its curve is secp521r1, expected P-256 or P-384',
    )
  })

  it('makes certificates that both ends of a TLS connection accept', async () => {
    // TLS has no other clock.
    const ca = await open(systemClock)
    const server = await ca.issueServer({ names: ['localhost'], addresses: ['127.0.0.1', '::1'] })
    const client = await ca.issueClient({ commonName: 'bramble:admin', organizations: ['system:masters'] })
    const listener = createServer({ key: server.keyPem, cert: server.certPem, ca: ca.caPem, requestCert: true, rejectUnauthorized: true })
    const peer = new Promise<TLSSocket>((resolve) => listener.once('secureConnection', (socket) => resolve(socket)))
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo // a TCP listener
    const socket = connect({ port, host: '127.0.0.1', ca: ca.caPem, key: client.keyPem, cert: client.certPem })
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    const accepted = await peer
    // What an agent looks for before it trusts anything.
    const chain = socket.getPeerCertificate(true)
    expect(chain.issuerCertificate.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(ca.caHash)
    expect(accepted.authorized).toBe(true)
    expect(accepted.getPeerCertificate().subject).toMatchObject({ CN: 'bramble:admin', O: 'system:masters' })
    socket.destroy()
    await new Promise((resolve) => listener.close(resolve))
  })

  it('signs with no key but its own', async () => {
    const ca = await open()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const validity = { notBefore: new Date(now), notAfter: new Date(now + day) }
    const foreign = await signing.signRoot({ commonName: 'bramble-ca', keyPem: pem, validity })
    expect(ca.hasIssued(new X509Certificate(foreign))).toBe(false)
  })
})

async function csrWith(algorithm: object): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm as webcrypto.EcKeyGenParams, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=me',
    keys,
    signingAlgorithm: algorithm as webcrypto.EcdsaParams,
  })
  return request.toString('pem')
}
