import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { createTestApi } from '../testing/api.ts'

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const attribute = (last: number, value: Buffer) => der(0x31, der(0x30, der(0x06, Buffer.from([0x55, 0x04, last])), value))
const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16()

/** A request whose organization is encoded as its sender likes. */
function requestOf(organization: Buffer): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = der(0x30, attribute(10, organization), attribute(3, der(0x0c, Buffer.from('jo'))))
  const key = publicKey.export({ format: 'der', type: 'spki' })
  const info = der(0x30, der(0x02, Buffer.from([0])), subject, key, der(0xa0))
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])))
  const whole = der(0x30, info, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', info, privateKey)))
  return `-----BEGIN CERTIFICATE REQUEST-----\n${whole.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
}

it.each([
  ['UTF8String', der(0x0c, Buffer.from('system:masters')), 403],
  ['BMPString', der(0x1e, utf16('system:masters')), 403],
  ['UniversalString', der(0x1c, Buffer.from('system:masters')), 422],
  ['BMPString of others', der(0x1e, utf16('users')), 201],
])('nobody asks for a certificate of the group of masters, however it is written: %s', async (_, organization, expected) => {
  const { json } = await createTestApi()
  const request = Buffer.from(requestOf(organization)).toString('base64')
  const spec = { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] }
  const { code } = await json('POST', '/apis/certificates.k8s.io/v1/certificatesigningrequests', {
    body: { metadata: { name: 'x' }, spec },
  })
  expect(code).toBe(expected)
})
