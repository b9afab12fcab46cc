import type { CertificateAuthority } from './ca.ts'
import { isSigner } from './request-rules.ts'

type Asked = Omit<Parameters<CertificateAuthority['signRequest']>[0], 'signerName' | 'ownHosts'> & { readonly signerName: string }

/** The CA for who acts on CertificateSigningRequests; `ownHosts` are the names that only this hub serves under. */
export const requestAuthority = (ca: Pick<CertificateAuthority, 'signRequest'>, ownHosts: () => readonly string[]) => ({
  signs: isSigner,
  async sign({ signerName, ...asked }: Asked): Promise<string> {
    if (!isSigner(signerName)) throw new Error(`${signerName} is somebody else's signer`)
    return ca.signRequest({ ...asked, signerName, ownHosts: ownHosts() })
  },
})
