import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import type { CertificateAuthority } from '../authority/ca.ts'
import { keepCertificate, type KeptCertificate } from './kept-certificate.ts'
import { writeSecretFile } from '../secret-file.ts'
import type { KeyPair } from '../authority/signer.ts'

export type AdminKubeconfigDeps = {
  /** `<home>/kubeconfig` */
  readonly path: string
  /** `<home>/hub/pki` */
  readonly dir: string
  readonly ca: CertificateAuthority
  readonly clock: Clock
  /** `https://host:port` */
  readonly server: string
}

const admin = { commonName: 'bramble:admin', organizations: ['system:masters'] } as const

/** Keeps the cluster-admin's kubeconfig in place: written at the first start, and again when the hub's address or the certificate changes. */
export async function openAdminKubeconfig({ path, dir, ca, clock, server }: AdminKubeconfigDeps): Promise<KeptCertificate> {
  const kept = await keepCertificate({
    name: 'admin',
    path: join(dir, 'admin.pem'),
    ca,
    clock,
    issue: () => ca.issueClient(admin),
    covers: () => true,
  })
  const write = (pair: KeyPair) => {
    const text = kubeconfigText({ server, caPem: ca.caPem, ...pair })
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeSecretFile(path, text)
  }
  try {
    write(kept.current())
  } catch (error) {
    // A full disk is no reason not to start with the one that is there.
    if (!existsSync(path)) throw error
  }
  return {
    ...kept,
    async renewIfNeeded() {
      const isRenewed = await kept.renewIfNeeded()
      write(kept.current())
      return isRenewed
    },
  }
}

/** A kubeconfig with everything inside, so that it can be copied to another machine as it is. */
export const kubeconfigText = ({ server, caPem, certPem, keyPem }: KeyPair & { readonly server: string; readonly caPem: string }): string =>
  `apiVersion: v1
kind: Config
clusters:
- name: bramble
  cluster:
    server: ${server}
    certificate-authority-data: ${base64(caPem)}
users:
- name: bramble-admin
  user:
    client-certificate-data: ${base64(certPem)}
    client-key-data: ${base64(keyPem)}
contexts:
- name: bramble
  context:
    cluster: bramble
    user: bramble-admin
current-context: bramble
preferences: {}
`

const base64 = (text: string) => Buffer.from(text).toString('base64')
