import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import { isSidecar } from './pod-facts.ts'

/**
 * Why the pod may not have its host ports yet: another pod of this node has one of them. The scheduler sees to that, though not for pods
 * that name their node themselves. Who runs keeps what it has, else the older pod does, so that of two that both came up one yields.
 */
export function takenHostPort(pod: Pod, others: Iterable<Pod>): string | undefined {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return undefined
  for (const other of others) {
    if (other.metadata.uid === pod.metadata.uid || hasEnded(other) || !goesFirst(other, pod)) continue
    const held = hostPortsOf(other)
    const port = wanted.find((one) => held.some((two) => isSame(one, two)))
    if (port !== undefined) return `host port ${port.hostPort}/${port.protocol} is taken by pod ${keyTextOf(other)} of this node`
  }
  return undefined
}

type HostPort = { readonly hostPort: number; readonly protocol: string; readonly hostIP: string }

const hostPortsOf = ({ spec }: Pod): readonly HostPort[] =>
  [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) =>
      hostPort === 0 ? [] : [{ hostPort, protocol, hostIP: hostIP === '0.0.0.0' ? '' : hostIP }],
    ),
  )

const isSame = (a: HostPort, b: HostPort) =>
  a.hostPort === b.hostPort && a.protocol === b.protocol && (a.hostIP === '' || b.hostIP === '' || a.hostIP === b.hostIP)

function goesFirst(other: Pod, pod: Pod): boolean {
  const isStarted = ({ status }: Pod) =>
    status?.conditions?.some((condition) => condition.type === 'PodReadyToStartContainers' && condition.status === 'True') === true
  if (isStarted(other) !== isStarted(pod)) return isStarted(other)
  const ageOf = ({ metadata: { creationTimestamp = '', uid = '' } }: Pod) => `${creationTimestamp} ${uid}`
  return ageOf(other) < ageOf(pod)
}
