import { isIP } from 'node:net'
import type { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@bramble/shared/clock.ts'
import type { CertificateAuthority } from '../authority/ca.ts'
import { keepCertificate, type KeptCertificate } from './kept-certificate.ts'

export type ServingDeps = {
  /** `<home>/hub/pki` */
  readonly dir: string
  readonly ca: CertificateAuthority
  readonly clock: Clock
  /** Names and addresses under which the hub is reached from outside, as they are now: asked again before each renewal check. */
  readonly hosts: () => readonly string[]
  /** The address of the Service `kubernetes`: what pods connect to. */
  readonly serviceAddress: string
}

/** What every hub answers to beside its own names, as every apiserver does. */
const ownHosts = [
  ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
  ...['127.0.0.1', '::1'],
]

/** Everything under which this hub serves, and nobody else may. */
export const servedHosts = ({ serviceAddress, hosts }: Pick<ServingDeps, 'serviceAddress' | 'hosts'>): readonly string[] => [
  ...new Set([...ownHosts, serviceAddress, ...hosts()]),
]

/** The certificate of the hub's doors, HTTPS and MQTT. */
export function openServing({ dir, ca, clock, hosts, serviceAddress }: ServingDeps): Promise<KeptCertificate> {
  const wanted = () => {
    const all = servedHosts({ serviceAddress, hosts })
    return { names: all.filter((host) => isIP(host) === 0), addresses: all.filter((host) => isIP(host) !== 0) }
  }
  return keepCertificate({
    name: 'serving',
    path: join(dir, 'serving.pem'),
    ca,
    clock,
    issue: () => ca.issueServer(wanted()),
    covers(certificate) {
      const { names, addresses } = wanted()
      return (
        names.every((name) => certificate.checkHost(name) !== undefined) &&
        addresses.every((address) => certificate.checkIP(address) !== undefined)
      )
    },
  })
}

/**
 * The names and addresses this machine has by itself, so that an agent on another board may use whichever it knows. Only IPv4:
 * IPv6 addresses come and go by the day. What containers made is not how anybody reaches the hub.
 */
export function ownHostsOf(hostname: string, interfaces: ReturnType<typeof networkInterfaces>): readonly string[] {
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !/^(veth|br-|brl-|docker|cni|virbr|vxlan)/.test(name))
    .flatMap(([, addresses = []]) => addresses.filter(({ internal, family }) => !internal && family === 'IPv4'))
  const name = hostname.toLowerCase().replace(/\.$/, '')
  const names = !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name) ? [] : name.includes('.') ? [name] : [name, `${name}.local`]
  return [...names, ...addresses.map(({ address }) => address)]
}
