import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import type { PodSandboxConfig } from '../../cri/cri.ts'
import { cgroupParent } from '../resources/cgroup-path.ts'
import { instanceLabel, podNameLabel, podNamespaceLabel, podUidLabel } from '../observed/labels.ts'
import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'

export type Resolver = {
  readonly nameservers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export type SandboxConfigInput = {
  readonly pod: Pod
  readonly attempt: number
  readonly instance: string
  readonly nodeName: string
  readonly clusterDomain: string
  readonly logDirectory: string
  /** The node's own resolv.conf. */
  readonly nodeResolver: Resolver
  /** Where `ClusterFirst` pods ask; undefined while the node has no cluster DNS. */
  readonly clusterResolver?: Resolver
}

/** The CRI configuration of the pod's sandbox. Port mappings are not in it: the proxy does host ports. Pure. */
export function sandboxConfig(input: SandboxConfigInput): PodSandboxConfig {
  const { pod, attempt, instance, logDirectory } = input
  const { metadata, spec } = pod
  const { name, namespace = '', uid = '', labels = {}, annotations = {} } = metadata
  const { securityContext: context } = spec
  return {
    metadata: { name, namespace, uid, attempt },
    // In the host's network the name is the host's, and the runtime refuses another.
    hostname: spec.hostNetwork ? '' : kernelHostname(input),
    logDirectory,
    dnsConfig: dnsConfigOf(input),
    labels: {
      ...keptByRuntime(labels),
      [instanceLabel]: instance,
      [podNameLabel]: name,
      [podNamespaceLabel]: namespace,
      [podUidLabel]: uid,
    },
    annotations: keptByRuntime(annotations),
    linux: {
      cgroupParent: cgroupParent(instance, qosOf(pod.spec), uid),
      sysctls: Object.fromEntries((context.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value])),
      securityContext: {
        namespaceOptions: {
          network: spec.hostNetwork ? 'NODE' : 'POD',
          pid: pidModeOf(pod),
          ipc: spec.hostIPC ? 'NODE' : 'POD',
        },
        ...(context.runAsUser === undefined ? {} : { runAsUser: { value: context.runAsUser } }),
        ...(context.runAsGroup === undefined || context.runAsUser === undefined ? {} : { runAsGroup: { value: context.runAsGroup } }),
        supplementalGroups: supplementalGroupsOf(pod),
        privileged: containersOf(spec).some((container) => container.securityContext?.privileged === true),
        // The pause process needs nothing beyond the runtime's default.
        seccomp: { profileType: 'RuntimeDefault' },
      },
    },
  }
}

// Nobody here reads them back, and a runtime that lists its pods lists them all: beyond 16 MiB it lists nothing any more.
const maxKeptLength = 16 * 1024

/** The labels or annotations of a pod, for whoever looks at the runtime; none of them when they are many. */
function keptByRuntime(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const length = Object.entries(texts).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  return length <= maxKeptLength ? texts : {}
}

export const pidModeOf = ({ spec }: Pod) =>
  spec.hostPID ? ('NODE' as const) : spec.shareProcessNamespace ? ('POD' as const) : ('CONTAINER' as const)

export const supplementalGroupsOf = ({ spec: { securityContext } }: Pod): readonly number[] => [
  ...(securityContext.fsGroup === undefined ? [] : [securityContext.fsGroup]),
  ...(securityContext.supplementalGroups ?? []),
]

/** What the pod calls itself: never longer than the kernel's 63 characters. */
export function hostnameOf({ metadata, spec }: Pod, nodeName: string): string {
  if (spec.hostNetwork) return nodeName
  return (spec.hostnameOverride ?? spec.hostname ?? metadata.name).slice(0, 63).replace(/[-.]+$/, '')
}

/** The full name that its subdomain gives the pod; undefined without one. */
export const fqdnOf = ({ metadata, spec }: Pod, hostname: string, clusterDomain: string): string | undefined =>
  spec.subdomain ? `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}` : undefined

// The kernel's bound, sethostname(2).
const maxHostname = 64

function kernelHostname({ pod, nodeName, clusterDomain }: SandboxConfigInput): string {
  const hostname = hostnameOf(pod, nodeName)
  const fqdn = pod.spec.setHostnameAsFQDN === true ? fqdnOf(pod, hostname, clusterDomain) : undefined
  if (fqdn !== undefined && fqdn.length > maxHostname) {
    const found = `(${maxHostname} characters is the max, ${fqdn.length} characters requested)`
    throw new Error(`failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long ${found}`)
  }
  return fqdn ?? hostname
}

export type DnsInput = Pick<SandboxConfigInput, 'pod' | 'nodeResolver' | 'clusterResolver'>

/** Whom the pod asks for names: its policy's servers and its own configuration together. Pure. */
export function dnsConfigOf({ pod: { metadata, spec }, nodeResolver, clusterResolver }: DnsInput) {
  const base = resolverFor(spec.dnsPolicy, { isHostNetwork: spec.hostNetwork === true, nodeResolver, clusterResolver })
  const isCluster = base === clusterResolver
  const searches = isCluster ? base.searches.map((search) => search.replace('<namespace>', metadata.namespace ?? 'default')) : base.searches
  const own = spec.dnsConfig
  const ownOptions = (own?.options ?? []).flatMap(({ name, value }) =>
    name === undefined ? [] : [value === undefined || value === '' ? name : `${name}:${value}`],
  )
  const isOverridden = (option: string) => ownOptions.some((each) => each.split(':')[0] === option.split(':')[0])
  return {
    // resolv.conf(5): three servers are read.
    servers: unique([...base.nameservers, ...(own?.nameservers ?? [])]).slice(0, 3),
    searches: unique([...searches, ...(own?.searches ?? [])]).slice(0, 32),
    options: [...base.options.filter((option) => !isOverridden(option)), ...ownOptions],
  }
}

const nobody: Resolver = { nameservers: [], searches: [], options: [] }

function resolverFor(
  policy: Pod['spec']['dnsPolicy'],
  { isHostNetwork, nodeResolver, clusterResolver }: { isHostNetwork: boolean; nodeResolver: Resolver; clusterResolver?: Resolver },
): Resolver {
  if (policy === 'None') return nobody
  const isCluster = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !isHostNetwork)
  return isCluster && clusterResolver ? clusterResolver : nodeResolver
}

const unique = (items: readonly string[]) => [...new Set(items)]
