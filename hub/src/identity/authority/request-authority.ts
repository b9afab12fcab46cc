import { X509Certificate } from 'node:crypto'
import type { CertificateAuthority } from './ca.ts'
import { isSigner } from './request-rules.ts'

type Asked = Omit<Parameters<CertificateAuthority['signRequest']>[0], 'signerName' | 'ownHosts'> & { readonly signerName: string }

/** The CA for who acts on CertificateSigningRequests; `ownHosts` are the names that only this hub serves under. */
export function requestAuthority(ca: Pick<CertificateAuthority, 'signRequest'>, ownHosts: () => readonly string[]) {
  async function sign({ signerName, ...asked }: Asked): Promise<string> {
    if (!isSigner(signerName)) throw new Error(`${signerName} is somebody else's signer`)
    return ca.signRequest({ ...asked, signerName, ownHosts: ownHosts() })
  }
  return {
    signs: isSigner,
    sign,
    /** Of a certificate that is made for it and that nobody gets: so a request is read in one way alone. */
    async userIn(asked: Asked): Promise<string> {
      const { CN } = new X509Certificate(await sign(asked)).toLegacyObject().subject
      return typeof CN === 'string' ? CN : ''
    },
  }
}
