// The X.509 library's dependency injection needs it before anything of the library is loaded.
import 'reflect-metadata'
import { createPrivateKey, createPublicKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { readSigningRequest, requestBytesOf, type SigningRequest } from '@bramble/shared/certificates/signing-request.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import { coversHost } from './covers-host.ts'
import { type Requested, signers } from './request-rules.ts'
import type { LeafOrder, RequestOrder, RootOrder, Signer } from './signer.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const maxCsrCharacters = 16 * 1024

/** The signer in this very thread. Importing this file loads the X.509 library: only the signer's worker and tests do. */
export const signing: Signer = { signRoot, signLeaf, signRequest }

async function signRoot({ commonName, keyPem, validity }: RootOrder): Promise<string> {
  const publicKey = new x509.PublicKey(spki(createPublicKey(keyPem)))
  const name = [{ CN: [commonName] }]
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: name,
    issuer: name,
    ...validity,
    publicKey,
    signingKey: await signingKey(keyPem),
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return pemOf(certificate)
}

async function signLeaf({ issuer, subject, validity, key, use }: LeafOrder): Promise<string> {
  return certificateOf({
    ...{ issuer, subject, validity },
    key: key.type === 'csr' ? keyOfCsr(key.pem) : createPublicKey(key.pem),
    keyUsages: x509.KeyUsageFlags.digitalSignature,
    isServer: use.type === 'server',
    names:
      use.type === 'client'
        ? undefined
        : new x509.SubjectAlternativeNameExtension([
            ...use.names.map((value) => ({ type: 'dns' as const, value })),
            ...use.addresses.map((value) => ({ type: 'ip' as const, value })),
          ]),
  })
}

async function signRequest({ issuer, csrPem, signerName, usages, validity, ownHosts }: RequestOrder): Promise<string> {
  const request = readRequest(csrPem)
  const requested = requestedBy(request, usages)
  const own = [...requested.names, ...requested.addresses].find((name) => ownHosts.some((host) => coversHost(name, host)))
  const why =
    signers[signerName](requested) ??
    (own === undefined || !usages.includes('server auth') ? undefined : `${own} is a name of the hub's own`)
  if (why !== undefined) throw new ApiError('Forbidden', why)
  // Made of what was judged and not copied, as what one reader passes over another one sees.
  const names = [...alternativeNamesOf(request)]
  return certificateOf({
    ...{ issuer, subject: requested, validity, key: request.key },
    keyUsages:
      (usages.includes('digital signature') ? x509.KeyUsageFlags.digitalSignature : 0) |
      (usages.includes('key encipherment') ? x509.KeyUsageFlags.keyEncipherment : 0),
    isServer: usages.includes('server auth'),
    names: names.length === 0 ? undefined : new x509.SubjectAlternativeNameExtension(names),
  })
}

type Leaf = Pick<LeafOrder, 'issuer' | 'subject' | 'validity'> & {
  readonly key: KeyObject
  readonly keyUsages: x509.KeyUsageFlags
  /** For servers, or for clients. */
  readonly isServer: boolean
  readonly names: x509.SubjectAlternativeNameExtension | undefined
}

/** One of whoever is no authority. */
async function certificateOf({ issuer, subject, validity, key, keyUsages, isServer, names }: Leaf): Promise<string> {
  const root = new x509.X509Certificate(issuer.certPem)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    // As a list of sets and never as text, so that no name can add an attribute.
    subject: [...subject.organizations.map((organization) => ({ O: [organization] })), { CN: [subject.commonName] }],
    issuer: root.subjectName.toJSON(),
    ...validity,
    publicKey: new x509.PublicKey(spki(key)),
    signingKey: await signingKey(issuer.keyPem),
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(keyUsages, true),
      new x509.ExtendedKeyUsageExtension([isServer ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
      ...(names === undefined ? [] : [names]),
    ],
  })
  return pemOf(certificate)
}

function alternativeNamesOf({ extensions }: ReadRequest): x509.JsonGeneralNames {
  const [names, ...more] = extensions.filter((extension) => extension instanceof x509.SubjectAlternativeNameExtension)
  if (more.length > 0) throw refused('it has alternative names twice')
  return names?.names.toJSON() ?? []
}

function requestedBy(request: ReadRequest, usages: readonly string[]): Requested {
  const names = alternativeNamesOf(request)
  const ofType = (type: x509.GeneralNameType) => names.filter((name) => name.type === type).map(({ value }) => value)
  const other = names.find(({ type }) => !['dns', 'ip', 'email', 'url'].includes(type))
  if (other !== undefined) throw refused(`it asks for a name of type ${other.type}`)
  const { organizations, commonNames } = request
  const [commonName = '', ...more] = commonNames
  if (more.length > 0) throw refused('it has several common names')
  return { commonName, organizations, names: ofType('dns'), addresses: ofType('ip'), emails: ofType('email'), uris: ofType('url'), usages }
}

/** The public key of a certificate request that was signed with its private key. */
const keyOfCsr = (pem: string): KeyObject => readRequest(pem).key

type ReadRequest = SigningRequest & { readonly extensions: readonly x509.Extension[] }

/** Of what the library reads there are the extensions alone. */
function readRequest(pem: string): ReadRequest {
  if (pem.length > maxCsrCharacters) throw refused(`it has ${pem.length} characters, ${maxCsrCharacters} are allowed`)
  try {
    const bytes = requestBytesOf(pem)
    return { ...readSigningRequest(bytes, checkKey), extensions: new x509.Pkcs10CertificateRequest(bytes).extensions }
  } catch (error) {
    throw refused(messageOf(error), error)
  }
}

function checkKey(key: KeyObject): void {
  const weakness = weaknessOf(key)
  if (weakness !== undefined) throw new Error(weakness)
}

/** Why a key is not accepted; undefined when it is. */
export function weaknessOf({ asymmetricKeyType, asymmetricKeyDetails: { namedCurve, modulusLength } = {} }: KeyObject): string | undefined {
  switch (asymmetricKeyType) {
    case 'ed25519':
      return undefined
    case 'ec':
      return namedCurve === 'prime256v1' || namedCurve === 'secp384r1' ? undefined : `its curve is ${namedCurve}, expected P-256 or P-384`
    case 'rsa':
      // Above 8192 a signature check takes long enough to be a weapon.
      return modulusLength !== undefined && modulusLength >= 2048 && modulusLength <= 8192
        ? undefined
        : `its RSA key has ${modulusLength} bits, expected 2048 to 8192`
    default:
      return `its key is ${asymmetricKeyType}, expected P-256, P-384, Ed25519 or RSA`
  }
}

const refused = (why: string, cause?: unknown) => new ApiError('Invalid', `the certificate request is refused: ${why}`, {}, { cause })

const signingKey = (keyPem: string) =>
  webcrypto.subtle.importKey('pkcs8', createPrivateKey(keyPem).export({ format: 'der', type: 'pkcs8' }), ecdsa, false, ['sign'])

const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' })
const pemOf = (certificate: x509.X509Certificate) => `${certificate.toString('pem')}\n`

/** 127 random bits: unguessable, positive, and within the 20 octets of RFC 5280 4.1.2.2. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40
  return bytes.toString('hex')
}
