import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { fqdnOf, hostnameOf } from './sandbox-config.ts'

export type EtcHostsInput = {
  readonly pod: Pod
  readonly podIPs: readonly string[]
  readonly nodeName: string
  /** The machine's own file, which a pod in the host's network keeps. */
  readonly nodeHosts: string
  readonly clusterDomain: string
}

/** The text of the pod's /etc/hosts. Pure. */
export function etcHosts({ pod, podIPs, nodeName, nodeHosts, clusterDomain }: EtcHostsInput): string {
  const { spec } = pod
  const aliases = (spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`)
  const added = aliases.length === 0 ? [] : ['', '# Entries added by HostAliases.', ...aliases]
  if (spec.hostNetwork) return ['# Kubernetes-managed hosts file (host network).', nodeHosts.trimEnd(), ...added, ''].join('\n')
  const hostname = hostnameOf(pod, nodeName)
  const fqdn = fqdnOf(pod, hostname, clusterDomain)
  const names = fqdn === undefined ? hostname : `${fqdn}\t${hostname}`
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'fe00::\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...podIPs.map((ip) => `${ip}\t${names}`),
    ...added,
    '',
  ].join('\n')
}
