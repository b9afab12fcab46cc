import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { signing } from '../../identity/authority/signing.ts'
import { leafValidity, rootValidity } from '../../identity/authority/validity.ts'

export type Pair = { readonly cert: string; readonly key: string }

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const publicOf = (key: string) => createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString()

/** A certificate authority of a test's own. */
export async function createPki() {
  const caKey = newKey()
  const ca = await signing.signRoot({ commonName: 'test', keyPem: caKey, validity: rootValidity(Date.now()) })
  const leaf = async (
    commonName: string,
    organizations: string[],
    use: 'client' | 'server',
    validity = leafValidity(Date.now()),
    names: readonly string[] = ['localhost'],
  ): Promise<Pair> => {
    const key = newKey()
    const cert = await signing.signLeaf({
      issuer: { certPem: ca, keyPem: caKey },
      subject: { commonName, organizations },
      validity,
      key: { type: 'public', pem: publicOf(key) },
      use: use === 'client' ? { type: 'client' } : { type: 'server', names, addresses: ['127.0.0.1'] },
    })
    return { cert, key }
  }
  return { ca, leaf }
}
