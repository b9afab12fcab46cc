import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import { openCa } from '../authority/ca.ts'
import type { Signer } from '../authority/signer.ts'
import { keepCertificate, type KeptCertificate } from './kept-certificate.ts'

export const frontProxyName = 'front-proxy-client'

/**
 * The certificate by which the hub speaks for others at servers of other groups. It has an authority of its own, as in Kubernetes: whoever
 * trusts that takes our word for who asks, so nothing else may be signed by it.
 */
export async function openFrontProxy(deps: { readonly dir: string; readonly signer: Signer; readonly clock: Clock }) {
  const dir = join(deps.dir, 'front-proxy')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const ca = await openCa({ ...deps, dir })
  const kept: KeptCertificate = await keepCertificate({
    name: 'front-proxy',
    path: join(dir, 'client.pem'),
    ca,
    clock: deps.clock,
    issue: () => ca.issueClient({ commonName: frontProxyName, organizations: [] }),
    covers: () => true,
  })
  return { caPem: ca.caPem, kept }
}
