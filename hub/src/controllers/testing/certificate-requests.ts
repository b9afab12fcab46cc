// The X.509 library's dependency injection needs it before anything of the library is loaded.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { CertificateSigningRequest } from '@bramble/shared/kinds/certificate-signing-request.ts'

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** What a request asks for; `signer`: one of Kubernetes' own, unless it names a domain. */
export type Asked = { subject: string; hosts?: readonly string[]; signer?: string; usages?: readonly string[]; seconds?: number }

export async function requestFor(
  { subject, hosts = [], signer = 'kube-apiserver-client', usages = ['client auth'], seconds }: Asked,
  name: string,
) {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const names = hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value }))
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: ecdsa,
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  })
  return {
    ...{ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name } },
    spec: {
      request: Buffer.from(request.toString('pem')).toString('base64'),
      signerName: signer.includes('/') ? signer : `kubernetes.io/${signer}`,
      usages,
      ...(seconds !== undefined && { expirationSeconds: seconds }),
    },
  } as CertificateSigningRequest // the generator's names are wider than the schema's
}
