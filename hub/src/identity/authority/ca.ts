import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import { certificateOf, newKey } from './key-pair.ts'
import { writeSecretFile } from '../secret-file.ts'
import type { SignerName } from './request-rules.ts'
import type { KeyPair, Signer, Subject } from './signer.ts'
import { leafValidity, requestedValidity, rootValidity } from './validity.ts'

/** The cluster's own root of trust. Who a certificate names is decided by the caller, never by the one who asks for it. */
export type CertificateAuthority = {
  readonly caPem: string
  /** SHA-256 of the certificate's DER in hex: what a join token carries, so that a new node trusts the right hub. */
  readonly caHash: string
  issueServer(names: { readonly names: readonly string[]; readonly addresses: readonly string[] }): Promise<KeyPair>
  issueClient(subject: Subject): Promise<KeyPair>
  signCsr(csrPem: string, subject: Subject): Promise<string>
  /** What was approved as a CertificateSigningRequest. Throws as `Signer.signRequest` does. */
  signRequest(request: ApprovedRequest): Promise<string>
  /** True for a certificate that this CA has signed. */
  hasIssued(certificate: X509Certificate): boolean
}

export type ApprovedRequest = {
  readonly csrPem: string
  readonly signerName: SignerName
  readonly usages: readonly string[]
  readonly expirationSeconds?: number | undefined
  readonly ownHosts: readonly string[]
}

export type CaDeps = {
  /** `<home>/hub/pki` */
  readonly dir: string
  readonly signer: Signer
  readonly clock: Clock
}

/** Opens the CA of a hub; the first start makes it. */
export async function openCa({ dir, signer, clock }: CaDeps): Promise<CertificateAuthority> {
  const issuer = await readOrMake({ dir, signer, clock })
  const root = new X509Certificate(issuer.certPem)
  const { publicKey } = root

  return {
    caPem: issuer.certPem,
    caHash: root.fingerprint256.replaceAll(':', '').toLowerCase(),
    async issueServer({ names, addresses }) {
      const { publicPem, keyPem } = newKey()
      const certPem = await signer.signLeaf({
        issuer,
        // The name is for people; clients look at the alternative names.
        subject: { commonName: 'bramble-hub', organizations: [] },
        validity: leafValidity(clock.now()),
        key: { type: 'public', pem: publicPem },
        use: { type: 'server', names, addresses },
      })
      // With the CA behind it: a machine that joins recognises the hub by its CA's fingerprint, and has to be shown it.
      return { certPem: certPem + issuer.certPem, keyPem }
    },
    async issueClient(subject) {
      const { publicPem, keyPem } = newKey()
      const key = { type: 'public', pem: publicPem } as const
      const certPem = await signer.signLeaf({ issuer, subject, validity: leafValidity(clock.now()), key, use: { type: 'client' } })
      return { certPem, keyPem }
    },
    signCsr: (csrPem, subject) =>
      signer.signLeaf({
        issuer,
        subject,
        validity: leafValidity(clock.now()),
        key: { type: 'csr', pem: csrPem },
        use: { type: 'client' },
      }),
    signRequest: ({ expirationSeconds, ...request }) =>
      signer.signRequest({ issuer, ...request, validity: requestedValidity(clock.now(), expirationSeconds) }),
    hasIssued: (certificate) => certificate.verify(publicKey),
  }
}

async function readOrMake({ dir, signer, clock }: CaDeps): Promise<KeyPair> {
  const [certPath, keyPath] = [join(dir, 'ca.crt'), join(dir, 'ca.key')]
  if (existsSync(certPath)) {
    if (!existsSync(keyPath))
      throw new Error(`${certPath} is there but its key ${keyPath} is not: put the key back, or move ${dir} away to start a new cluster`)
    const pair = { certPem: readFileSync(certPath, 'utf8'), keyPem: readFileSync(keyPath, 'utf8') }
    if (certificateOf(pair) === undefined) throw new Error(`${keyPath} is not the key of ${certPath}: put the right one back from a backup`)
    return pair
  }
  const { keyPem } = newKey()
  const certPem = await signer.signRoot({ commonName: 'bramble-ca', keyPem, validity: rootValidity(clock.now()) })
  // The certificate last: a CA that a power cut left with a key only has signed nothing yet and is made again.
  writeSecretFile(keyPath, keyPem)
  writeSecretFile(certPath, certPem)
  return { certPem, keyPem }
}
