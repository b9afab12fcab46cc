import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import { type Der, derValues, objectIdOf, tags } from './der.ts'
import { pemBlocks } from './pem.ts'

/** What a request for a certificate says of whom it is for, and the key that is to be certified. */
export type SigningRequest = { readonly organizations: readonly string[]; readonly commonNames: readonly string[]; readonly key: KeyObject }

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
 * The PKCS#10 request (RFC 2986) in a text, as Kubernetes reads it: its first PEM block, of which it must be the only value. Whoever judges a request
 * and whoever signs it read it here, so that nothing else is signed than was judged. Throws with a reason when there is none.
 */
export function requestBytesOf(pem: string): Buffer {
  const [block] = pemBlocks(pem)
  if (block?.type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const [request, ...more] = derValues(block.bytes)
  if (request === undefined || more.length > 0) throw new Error('expected one certification request')
  return request.whole
}

/**
 * Whom such a request names; sees that whoever made it has the key. Throws with a reason when it is none. Small, and without the library that
 * signs: that one costs memory and lives in the signer's thread. `checkKey` throws for a key that is not taken, before anything is done with it.
 */
export function readSigningRequest(bytes: Buffer, checkKey: (key: KeyObject) => void = checkSpeed): SigningRequest {
  const [request] = derValues(bytes)
  const [info, algorithm, signature] = membersOf(request)
  const [, subject, key] = membersOf(info)
  const publicKey = createPublicKey({ key: present(key).whole, format: 'der', type: 'spki' })
  checkKey(publicKey)
  checkSignature({ info: present(info), algorithm: present(algorithm), signature: present(signature), publicKey })
  const valuesIn = (id: string) => valuesOf(present(subject), id)
  return { organizations: valuesIn(organizationName), commonNames: valuesIn(commonName), key: publicKey }
}

type Signed = { readonly info: Der; readonly algorithm: Der; readonly signature: Der; readonly publicKey: KeyObject }

function checkSignature({ info, algorithm, signature, publicKey }: Signed): void {
  const id = objectIdOf(present(membersOf(algorithm)[0]))
  const hash = Object.hasOwn(hashes, id) ? hashes[id] : undefined
  if (hash === undefined) throw new Error(`the signature algorithm ${id} is not known`)
  if (signature.tag !== tags.bitString || signature.content[0] !== 0) throw new Error('expected a signature')
  if (!verify(hash, info.whole, publicKey, signature.content.subarray(1))) throw new Error('the signature does not fit the key')
}

const mostRsaBits = 8192
const mostExponent = 2n ** 32n

/** A stranger's key may be made to take long, and who asks for a certificate is hardly known. */
function checkSpeed({ asymmetricKeyType, asymmetricKeyDetails: { modulusLength = 0, publicExponent = 0n } = {} }: KeyObject): void {
  if (asymmetricKeyType === 'ec' || asymmetricKeyType === 'ed25519') return
  if (asymmetricKeyType !== 'rsa') throw new Error(`its key is ${asymmetricKeyType}, expected ECDSA, Ed25519 or RSA`)
  if (modulusLength > mostRsaBits) throw new Error(`its RSA key has ${modulusLength} bits, at most ${mostRsaBits} are allowed`)
  if (publicExponent > mostExponent) throw new Error('the exponent of its RSA key is larger than 2^32')
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
  const blocks = [...pemBlocks(pem)]
  if (blocks.length === 0) throw new Error('must contain at least one CERTIFICATE PEM block')
  for (const { type, bytes, hasHeaders } of blocks) {
    if (type !== 'CERTIFICATE') throw new Error(`only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`)
    if (hasHeaders) throw new Error('no PEM block headers are permitted')
    void new X509Certificate(bytes)
  }
}
