import { generateKeyPairSync } from 'node:crypto'
import { signing } from '@bramble/hub/identity/authority/signing.ts'
import { leafValidity } from '@bramble/hub/identity/authority/validity.ts'
import type { Credentials } from '@bramble/edge-agent/link/identity/credentials.ts'
import type { ScaleHub } from './hub.ts'

/**
 * A certificate for each node, signed with the hub's own CA key, as joining would have it signed; all of one key, which the hub allows,
 * because thousands of them would only take longer to make.
 */
export async function credentialsOf({ ca }: Pick<ScaleHub, 'ca'>, names: readonly string[]): Promise<readonly Credentials[]> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const credentials: Credentials[] = []
  for (const node of names) {
    const certificate = await signing.signLeaf({
      issuer: ca,
      subject: { commonName: `system:node:${node}`, organizations: ['system:nodes'] },
      validity: leafValidity(Date.now()),
      key: { type: 'public', pem },
      use: { type: 'client' },
    })
    credentials.push({ node, key, certificate, ca: ca.certPem })
  }
  return credentials
}

/** What a broker on this machine shows, of the same CA. */
export async function serverOf({
  ca,
}: Pick<ScaleHub, 'ca'>): Promise<{ readonly key: string; readonly certificate: string; readonly ca: string }> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = await signing.signLeaf({
    issuer: ca,
    subject: { commonName: 'bare', organizations: [] },
    validity: leafValidity(Date.now()),
    key: { type: 'public', pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    use: { type: 'server', names: [], addresses: ['127.0.0.1'] },
  })
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate, ca: ca.certPem }
}
