import { checkDnsLabel } from '../../meta/names.ts'
import { parseQuantity } from '../../meta/quantity.ts'
import type { PodAffinityTerm } from '../../types/affinity.ts'
import type { Container, ContainerPort } from '../../types/container.ts'
import type { PodSpec } from '../../types/pod-spec.ts'
import { nodeLabelWarning, nodeTermWarnings } from './old-node-labels.ts'
import type { PodLike } from './unserved.ts'

/**
 * What Kubernetes warns of in a pod or a template of pods: what is out of date in it, and what will surprise. Every pod comes by here and hardly
 * any has such a thing. `field`: where the template stands; empty for a pod.
 */
export function podWarnings({ metadata, spec }: PodLike, field = ''): string[] {
  const at = field === '' ? '' : `${field}.`
  const found: string[] = []
  const warn: Warn = (path, text) => void found.push(`${at}${path}: ${text}`)
  placementIn(spec, warn)
  for (const [key, text] of oldAnnotations)
    if (metadata?.annotations !== undefined && Object.hasOwn(metadata.annotations, key)) warn(`metadata.annotations[${key}]`, text)
  for (const [i, volume] of (spec.volumes ?? []).entries())
    for (const [source, text] of oldVolumes)
      if ((volume as Readonly<Record<string, unknown>>)[source] !== undefined)
        warn(`spec.volumes[${i}].${source === 'storageos' ? 'storageOS' : source}`, text)
  twiceIn(
    spec.hostAliases?.map(({ ip }) => ip),
    (i, ip) => warn(`spec.hostAliases[${i}].ip`, `duplicate ip ${JSON.stringify(ip)}`),
  )
  const secrets = spec.imagePullSecrets?.map(({ name = '' }) => name)
  twiceIn(secrets, (i, name) => warn(`spec.imagePullSecrets[${i}].name`, `duplicate name ${JSON.stringify(name)}`))
  for (const [i, name] of (secrets ?? []).entries()) if (name === '') warn(`spec.imagePullSecrets[${i}].name`, 'invalid empty name ""')
  const containers = (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, i) => ({ container, path: `spec.${list}[${i}]` })),
  )
  for (const { container, path } of containers) containerIn(container, path, warn)
  portsIn(containers, at, warn)
  return found
}

/** A pod's name is its containers' host name. */
export function podNameWarnings(name: string): string[] {
  const complaints = checkDnsLabel(name)
  return complaints.length === 0
    ? []
    : [
        `metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [${complaints.join(' ')}]`,
      ]
}

type Warn = (path: string, text: string) => void

const oldAnnotations = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
] as const

const oldVolumes = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const

const noPods = 'a null labelSelector results in matching no pod'

function placementIn({ nodeSelector, affinity, topologySpreadConstraints = [] }: PodSpec, warn: Warn): void {
  for (const key of Object.keys(nodeSelector ?? {})) {
    const text = nodeLabelWarning(key)
    if (text !== undefined) warn(`spec.nodeSelector[${key}]`, text)
  }
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  for (const [i, term] of (nodeAffinity?.[required]?.nodeSelectorTerms ?? []).entries())
    nodeTermWarnings(term, `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms[${i}]`, warn)
  for (const [i, { preference }] of (nodeAffinity?.[preferred] ?? []).entries())
    nodeTermWarnings(preference, `spec.affinity.nodeAffinity.${preferred}[${i}].preference`, warn)
  for (const [i, { topologyKey, labelSelector }] of topologySpreadConstraints.entries()) {
    const path = `spec.topologySpreadConstraints[${i}]`
    const text = nodeLabelWarning(topologyKey)
    if (text !== undefined) warn(`${path}.topologyKey`, `${topologyKey} is ${text}`)
    if (labelSelector === undefined) warn(`${path}.labelSelector`, noPods)
  }
  for (const [name, terms] of [['podAffinity', podAffinity] as const, ['podAntiAffinity', podAntiAffinity] as const]) {
    const selects = ({ labelSelector }: PodAffinityTerm, path: string) => {
      if (labelSelector === undefined) warn(`${path}.labelSelector`, noPods)
    }
    for (const [i, term] of (terms?.[required] ?? []).entries()) selects(term, `spec.affinity.${name}.${required}[${i}]`)
    for (const [i, { podAffinityTerm }] of (terms?.[preferred] ?? []).entries())
      selects(podAffinityTerm, `spec.affinity.${name}.${preferred}[${i}].podAffinityTerm`)
  }
}

function twiceIn(values: readonly string[] | undefined, tell: (index: number, value: string) => void): void {
  if (values === undefined || values.length < 2) return
  const seen = new Set<string>()
  for (const [i, value] of values.entries()) {
    if (seen.has(value)) tell(i, value)
    seen.add(value)
  }
}

function containerIn({ resources, env = [] }: Container, path: string, warn: Warn): void {
  for (const list of ['limits', 'requests'] as const)
    for (const name of ['memory', 'ephemeral-storage']) {
      const text = resources[list]?.[name]
      if (text !== undefined && isFraction(text))
        warn(`${path}.resources.${list}[${name}]`, `fractional byte value ${JSON.stringify(text)} is invalid, must be an integer`)
    }
  if (env.length < 2) return
  const known = new Set<string>()
  for (const [i, { name, value = '', valueFrom }] of env.entries()) {
    const reference = `$(${name})`
    // What builds on the one before it is meant so.
    if (known.has(name) && (valueFrom !== undefined || value === reference || !value.includes(reference)))
      warn(`${path}.env[${i}]`, `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`)
    known.add(name)
  }
}

const isFraction = (text: string): boolean => parseQuantity(text).nano % 1_000_000_000n !== 0n

type Placed = { readonly container: Container; readonly path: string }

function portsIn(containers: readonly Placed[], at: string, warn: Warn): void {
  const known = new Map<string, { readonly path: string; readonly port: ContainerPort }[]>()
  for (const { container, path } of containers)
    for (const [i, port] of (container.ports ?? []).entries()) {
      const here = `${path}.ports[${i}]`
      const { hostIP = '', hostPort = 0, containerPort, protocol } = port
      if (hostIP !== '' && hostPort === 0) warn(here, `hostIP set without hostPort: ${goText(port)}`)
      const key = `${containerPort}/${protocol}`
      const others = known.get(key) ?? []
      for (const { path: there, port: other } of others) {
        const { hostIP: otherIp = '', hostPort: otherPort = 0 } = other
        if (hostIP === otherIp && hostPort === otherPort) warn(here, `duplicate port definition with ${at}${there}`)
        else if (hostPort === 0 || otherPort === 0 || ((hostIP === '' || otherIp === '') && hostPort === otherPort))
          warn(here, `overlapping port definition with ${at}${there}`)
      }
      known.set(key, [...others, { path: here, port }])
    }
}

const goText = ({ name = '', hostPort = 0, containerPort, protocol, hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
