// The X.509 library's dependency injection needs it before anything of the library is loaded.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { createTestApi, nodeUser } from '../testing/api.ts'
import { createPki } from '../testing/pki.ts'

const url = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const merge = 'application/merge-patch+json'

const algorithms = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
  ed25519: { name: 'Ed25519' },
} as const

async function requestOf(name: string, algorithm: keyof typeof algorithms = 'ecdsa') {
  const signingAlgorithm = algorithms[algorithm]
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])
  return x509.Pkcs10CertificateRequestGenerator.create({ name, keys: keys as webcrypto.CryptoKeyPair, signingAlgorithm })
}
const bodyOf = (request: string, spec: object = {}) => ({
  ...{ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'jo' } },
  spec: { request: base64(request), signerName: 'example.com/signer', usages: ['client auth'], ...spec },
})

describe('a request for a certificate', () => {
  it.each(['ecdsa', 'rsa', 'ed25519'] as const)('signed with %s is taken, as that of who sent it', async (algorithm) => {
    const { json, bind } = await createTestApi()
    await bind('system:node-bootstrapper', { kind: 'Group', name: 'devs' })
    const request = (await requestOf('CN=jo', algorithm)).toString('pem')
    const user = { name: 'jo', groups: ['devs', 'system:authenticated'], uid: 'u-1', extra: { team: ['a', 'b'] } }
    const given = { username: 'root', groups: ['system:masters'], uid: 'u-0', extra: { team: ['z'] } }
    expect(await json('POST', url, { body: bodyOf(request, given), user })).toMatchObject({
      code: 201,
      body: { spec: { username: 'jo', groups: user.groups, uid: 'u-1', extra: user.extra } },
    })
  })

  it('is refused when it is none, or its maker does not have the key', async () => {
    const { json } = await createTestApi()
    const told = async (request: string) => {
      const { code, body } = await json('POST', url, { body: bodyOf(request) })
      return [code, body.details?.causes?.[0]?.field, body.message?.replace(/.*Invalid value: "[^"]*": /, '')]
    }
    const pem = (await requestOf('CN=jo')).toString('pem')
    const forged = Buffer.from((await requestOf('CN=jo')).rawData)
    forged[forged.indexOf('jo')] = 'm'.charCodeAt(0)
    const asPem = (der: Buffer) => x509.PemConverter.encode(der, 'CERTIFICATE REQUEST')
    const { ca } = await createPki()
    expect(await told(asPem(forged))).toEqual([422, 'spec.request', 'the signature does not fit the key'])
    expect(await told(ca)).toEqual([422, 'spec.request', 'PEM block type must be CERTIFICATE REQUEST'])
    expect(await told('hello')).toEqual([422, 'spec.request', 'PEM block type must be CERTIFICATE REQUEST'])
    const whole = Buffer.from((await requestOf('CN=jo')).rawData)
    for (let length = 0; length < whole.length; length++)
      expect((await told(asPem(whole.subarray(0, length)))).slice(0, 2)).toEqual([422, 'spec.request'])
    expect((await told(pem))[0]).toBe(201)
  })

  it.each([
    ['a second request behind it', (pem: string, other: string) => `${pem}${other}`, 201],
    ['text around it', (pem: string) => `hello\n${pem}bye`, 201],
    ['headers', (pem: string) => pem.replace('-----\n', '-----\nA: b\n\n'), 201],
    ['lines of another system', (pem: string) => pem.replaceAll('\n', '\r\n'), 201],
    ['another block in front', (pem: string, other: string) => `${other.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')}${pem}`, 422],
    [
      'something behind its DER',
      (pem: string) =>
        x509.PemConverter.encode(Buffer.concat([Buffer.from(x509.PemConverter.decodeFirst(pem)), Buffer.alloc(2)]), 'CERTIFICATE REQUEST'),
      422,
    ],
  ] as const)('with %s is read as by Kubernetes: of its first block', async (_, changed, expected) => {
    const { json } = await createTestApi()
    const [pem, other] = await Promise.all(
      ['CN=jo', 'CN=jo,O=system:masters'].map(async (name) => `${(await requestOf(name)).toString('pem')}\n`),
    )
    const signerName = 'kubernetes.io/kube-apiserver-client'
    const { code } = await json('POST', url, { body: bodyOf(changed(pem ?? '', other ?? ''), { signerName }) })
    expect(code).toBe(expected)
    const masters = await json('POST', url, { body: bodyOf(`${other}${pem}`, { signerName }) })
    expect(masters.code).toBe(403)
  })

  it('with a key that takes long to check is refused before it is checked', async () => {
    const { json } = await createTestApi()
    const der = Buffer.from((await requestOf('CN=jo', 'rsa')).rawData)
    // An exponent of five bytes instead of three; the lengths of what it is in grow by two.
    const exponent = Buffer.from('0203010001', 'hex')
    const at = der.indexOf(exponent)
    const grown = Buffer.concat([der.subarray(0, at), Buffer.from('02050100000001', 'hex'), der.subarray(at + exponent.length)])
    const lengths = [2, 6, ...enclosing(der, at)]
    for (const where of new Set(lengths)) grown.writeUInt16BE(grown.readUInt16BE(where) + 2, where)
    const { code, body } = await json('POST', url, { body: bodyOf(x509.PemConverter.encode(grown, 'CERTIFICATE REQUEST')) })
    expect([code, body.message]).toEqual([422, expect.stringContaining('the exponent of its RSA key is larger than 2^32')])
  })

  it('for the group of administrators is not for the signer of clients', async () => {
    const { json } = await createTestApi()
    const request = (await requestOf('CN=jo, O=devs, O=system:masters')).toString('pem')
    const signerName = 'kubernetes.io/kube-apiserver-client'
    expect(await json('POST', url, { body: bodyOf(request, { signerName }) })).toMatchObject({
      code: 403,
      body: { message: expect.stringContaining(`use of ${signerName} signer with system:masters group is not allowed`) },
    })
  })

  it('is approved by way of /approval, issued by way of /status, and nothing of that is taken back', async () => {
    const { json } = await createTestApi()
    const patch = async (way: string, status: object) => {
      const { code, body } = await json('PATCH', `${url}/jo${way}`, { body: { status }, contentType: merge })
      return code === 200 ? 200 : body.message.replace('CertificateSigningRequest.certificates.k8s.io "jo" is invalid: ', '')
    }
    await json('POST', url, { body: bodyOf((await requestOf('CN=jo')).toString('pem')) })
    const conditions = [{ type: 'Approved', status: 'True', reason: 'Kubectl' }]
    const certificate = base64((await createPki()).ca)
    expect(await patch('', { conditions })).toBe(200)
    expect((await json('GET', `${url}/jo`)).body.status).toEqual({})
    expect(await patch('/status', { conditions })).toBe('status.conditions: Forbidden: updates may not add a condition of type "Approved"')
    expect(await patch('/approval', { certificate })).toBe('status.certificate: Forbidden: updates may not set certificate content')
    expect(await patch('/approval', { conditions })).toBe(200)
    const changed = [{ ...conditions[0], reason: 'Other' }]
    expect(await patch('/status', { conditions: changed })).toBe(
      'status.conditions: Forbidden: updates may not modify a condition of type "Approved"',
    )
    expect(await patch('/approval', { conditions: null })).toBe(
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    )
    expect(await patch('/status', { certificate: base64('hello') })).toBe(
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    )
    expect(await patch('/status', { certificate })).toBe(200)
    expect(await patch('/status', { certificate: base64((await createPki()).ca) })).toBe(
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    )
    const { body } = await json('GET', `${url}/jo`)
    expect(body.status).toMatchObject({ certificate, conditions: [{ type: 'Approved', lastUpdateTime: expect.any(String) }] })
    const put = { ...body, status: { conditions: [...body.status.conditions, { type: 'Failed', status: 'True' }] } }
    expect(await json('PUT', `${url}/jo/approval`, { body: put })).toMatchObject({ code: 200, body: { status: { certificate } } })
  })

  it('is made by a node in its own name where it is for a node, and approved by none', async () => {
    const { json } = await createTestApi()
    const user = nodeUser('n1')
    const ask = async (name: string, subject: string) => {
      const request = (await requestOf(subject)).toString('pem')
      const body = { ...bodyOf(request, { signerName: 'kubernetes.io/kube-apiserver-client-kubelet' }), metadata: { name } }
      const { code, body: answer } = await json('POST', url, { user, body })
      return [code, answer.message]
    }
    for (const subject of ['O=system:nodes, CN=system:node:n2', 'CN=jo'])
      expect(await ask('other', subject)).toEqual([403, expect.stringContaining('can only create a node CSR with CN=system:node:n1')])
    expect(await ask('own', 'O=system:nodes, CN=system:node:n1')).toEqual([201, undefined])
    expect(await json('PATCH', `${url}/own/approval`, { body: {}, contentType: merge, user })).toMatchObject({ code: 403 })
  })
})

/** Where the lengths stand, of two bytes each, of what is around a place in DER. */
function enclosing(der: Buffer, at: number): readonly number[] {
  const found: number[] = []
  for (let i = 0; i < at; i++)
    if (der[i + 1] === 0x82 && (der[i] === 0x30 || der[i] === 0x03) && i + 4 + der.readUInt16BE(i + 2) > at) found.push(i + 2)
  return found
}
