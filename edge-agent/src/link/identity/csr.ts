import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A new P-256 key and the request to have it certified as this node (PKCS #10, RFC 2986). */
export function createKeyAndCsr(node: string): { readonly keyPem: string; readonly csrPem: string } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return { keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), csrPem: createCsr(node, privateKey) }
}

/** The request to have a key certified that there is already. */
export function createCsr(node: string, key: KeyObject): string {
  const info = sequence(
    Buffer.from([0x02, 0x01, 0x00]), // version 0
    sequence(attribute('550403-cn', `system:node:${node}`), attribute('55040a-o', 'system:nodes')),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    Buffer.from([0xa0, 0x00]), // no attributes
  )
  const signature = sign('sha256', info, key) // ECDSA-Sig-Value in DER
  const der = sequence(info, sequence(ecdsaWithSha256), tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`
}

const ecdsaWithSha256 = Buffer.from('06082a8648ce3d040302', 'hex')

/** One relative distinguished name; the type is its object identifier's bytes in hex, with its short name for the reader. */
const attribute = (type: '550403-cn' | '55040a-o', value: string) =>
  tagged(0x31, sequence(tagged(0x06, Buffer.from(type.slice(0, 6), 'hex')), tagged(0x0c, Buffer.from(value))))

const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, Buffer.concat(parts))

/** Tag, length, value; the length in the shortest form, as DER demands. */
function tagged(tag: number, value: Uint8Array): Buffer {
  const length = value.length
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), value])
}
