import { join } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import type { CertificateAuthority } from './ca.ts'
import { keepCertificate, type KeptCertificate } from './kept-certificate.ts'

export type ServingDeps = {
  /** `<home>/hub/pki` */
  readonly dir: string
  readonly ca: CertificateAuthority
  readonly clock: Clock
  /** Host names and addresses under which the hub is reached from outside. */
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  /** The address of the Service `kubernetes`: what pods connect to. */
  readonly serviceAddress: string
}

/** What every hub answers to beside its own names, as every apiserver does. */
const ownNames = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']
const ownAddresses = ['127.0.0.1', '::1']

/** The certificate of the hub's doors, HTTPS and MQTT. */
export function openServing({ dir, ca, clock, names, addresses, serviceAddress }: ServingDeps): Promise<KeptCertificate> {
  const all = {
    names: [...new Set([...ownNames, ...names])],
    addresses: [...new Set([...ownAddresses, serviceAddress, ...addresses])],
  }
  return keepCertificate({
    name: 'serving',
    path: join(dir, 'serving.pem'),
    ca,
    clock,
    issue: () => ca.issueServer(all),
    covers: (certificate) =>
      all.names.every((name) => certificate.checkHost(name) !== undefined) &&
      all.addresses.every((address) => certificate.checkIP(address) !== undefined),
  })
}
