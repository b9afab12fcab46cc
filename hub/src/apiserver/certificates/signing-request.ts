import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { type Der, derValues, objectIdOf, tags } from './der.ts'

/** What a request for a certificate says of whom it is for. */
export type SigningRequest = { readonly organizations: readonly string[]; readonly commonNames: readonly string[] }

const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}

const organizationName = '2.5.4.10'
const commonName = '2.5.4.3'

/**
 * Reads a PKCS#10 request (RFC 2986) and sees that whoever made it has the key. Throws with a reason when it is none. Small, and without the
 * library that signs: that one costs memory and lives in the signer's thread.
 */
export function readSigningRequest(pem: string): SigningRequest {
  const der = blocksOf(pem)[0]
  if (der?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const [request, ...more] = derValues(der.bytes)
  if (request === undefined || more.length > 0) throw new Error('expected one certification request')
  const [info, algorithm, signature] = membersOf(request)
  const [, subject, key] = membersOf(info)
  checkSignature({ info: present(info), algorithm: present(algorithm), signature: present(signature), key: present(key) })
  const valuesIn = (id: string) => valuesOf(present(subject), id)
  return { organizations: valuesIn(organizationName), commonNames: valuesIn(commonName) }
}

type Signed = { readonly info: Der; readonly algorithm: Der; readonly signature: Der; readonly key: Der }

function checkSignature({ info, algorithm, signature, key }: Signed): void {
  const id = objectIdOf(present(membersOf(algorithm)[0]))
  const hash = Object.hasOwn(hashes, id) ? hashes[id] : undefined
  if (hash === undefined) throw new Error(`the signature algorithm ${id} is not known`)
  if (signature.tag !== tags.bitString || signature.content[0] !== 0) throw new Error('expected a signature')
  const publicKey = createPublicKey({ key: key.whole, format: 'der', type: 'spki' })
  if (!verify(hash, info.whole, publicKey, signature.content.subarray(1))) throw new Error('the signature does not fit the key')
}

/** The values of one attribute of a name: a sequence of sets of pairs. */
const valuesOf = (name: Der, attribute: string): readonly string[] =>
  derValues(name.content)
    .flatMap((set) => derValues(set.content))
    .flatMap((pair) => {
      const [id, value] = derValues(pair.content)
      return objectIdOf(present(id)) === attribute ? [textOf(present(value))] : []
    })

/** A name is the same name in whichever of its encodings. */
function textOf({ tag, content }: Der): string {
  if (tag === tags.universalString) throw new Error('a name in it is a UniversalString')
  if (tag !== tags.bmpString) return content.toString()
  if (content.length % 2 !== 0) throw new Error('a name in it is no BMPString')
  return Buffer.from(content).swap16().toString('utf16le')
}

function membersOf(value: Der | undefined): readonly Der[] {
  if (value?.tag !== tags.sequence) throw new Error('expected a sequence')
  return derValues(value.content)
}

function present(value: Der | undefined): Der {
  if (value === undefined) throw new Error('it ends early')
  return value
}

/** Throws with a reason when it is no certificate, or something else stands beside certificates. */
export function checkCertificates(pem: string): void {
  const blocks = blocksOf(pem)
  if (blocks.length === 0) throw new Error('must contain at least one CERTIFICATE PEM block')
  for (const { type, bytes, hasHeaders } of blocks) {
    if (type !== 'CERTIFICATE') throw new Error(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`)
    if (hasHeaders) throw new Error('no PEM block headers are permitted')
    void new X509Certificate(bytes)
  }
}

type Block = { readonly type: string; readonly bytes: Buffer; readonly hasHeaders: boolean }

/** RFC 7468 */
const blocksOf = (pem: string): readonly Block[] =>
  [...pem.matchAll(/-----BEGIN ([^\r\n]{1,64}?)-----([^-]*)-----END \1-----/g)].map(([, type = '', body = '']) => ({
    type,
    bytes: Buffer.from(body, 'base64'),
    hasHeaders: body.includes(':'),
  }))
