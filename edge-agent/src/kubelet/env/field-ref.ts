import { ownValue } from '@bramble/shared/json/own.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { ResourceFieldSelector } from '@bramble/shared/types/env.ts'
import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import { goQuoted } from './go-quoted.ts'
import { parseQuantity } from '@bramble/shared/meta/quantity.ts'

export type NodeFacts = {
  readonly nodeName: string
  readonly hostIP: string
  readonly podIPs: readonly string[]
  /** What the node has to give; the value of a limit that was not set. */
  readonly allocatable: Readonly<Record<string, string>>
}

/** The value of `fieldRef`, undefined when Kubernetes has no such field for this use. */
export function fieldValue(pod: Pod, fieldPath: string, node: NodeFacts): string | undefined {
  const { metadata, spec } = pod
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath)
  if (keyed) return ownValue(metadata[keyed[1] as 'labels' | 'annotations'], keyed[2] as string) ?? '' // the pattern has both groups
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return lines(metadata.labels)
    case 'metadata.annotations':
      return lines(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? node.nodeName
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default'
    case 'status.hostIP':
    case 'status.hostIPs':
      return node.hostIP
    case 'status.podIP':
      return node.podIPs[0] ?? ''
    case 'status.podIPs':
      return node.podIPs.join(',')
    default:
      return undefined
  }
}

const lines = (map: Readonly<Record<string, string>> = {}): string =>
  Object.keys(map)
    .sort()
    .map((key) => `${key}=${goQuoted(map[key] ?? '')}`)
    .join('\n')

/** The value of `resourceFieldRef`: the amount divided by the divisor, rounded up. */
export function resourceValue(
  pod: Pod,
  { containerName, resource, divisor }: ResourceFieldSelector,
  { container, allocatable }: { container?: string; allocatable: Readonly<Record<string, string>> },
): string | undefined {
  const [kind, ...rest] = resource.split('.')
  const name = rest.join('.')
  if ((kind !== 'limits' && kind !== 'requests') || name === '') return undefined
  const subject = containersOf(pod.spec).find((each) => each.name === (containerName ?? container))
  if (!subject) return undefined
  const { limits = {}, requests = {} } = subject.resources
  const isCounted = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage'
  const limit = ownValue(limits, name)
  const amount = kind === 'limits' ? (limit ?? (isCounted ? ownValue(allocatable, name) : undefined)) : (ownValue(requests, name) ?? limit)
  const unit = parseQuantity(divisor === undefined || divisor === '0' ? '1' : divisor).nano
  const { nano } = parseQuantity(amount ?? '0')
  return `${(nano + unit - 1n) / unit}`
}
