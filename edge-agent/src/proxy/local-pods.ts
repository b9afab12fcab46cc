import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { LocalPod, Protocol } from './service-ports.ts'

/** Where the proxy learns of this node's own pods. */
export type LocalPods = {
  list(): readonly LocalPod[]
  subscribe(listener: () => void): () => void
}

/** A pod as its object tells; for an agent whose kubelet does not tell more itself. */
export function localPodOf({ metadata, spec, status }: Pod): LocalPod {
  const ip = status?.podIP
  const containers = [...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'), ...spec.containers]
  return {
    uid: metadata.uid ?? '',
    ...(ip !== undefined && ip !== '' && { ip }),
    ready: status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false,
    // With the host's network the container listens there by itself.
    hostPorts: spec.hostNetwork
      ? []
      : containers.flatMap(({ ports }) =>
          (ports ?? []).flatMap(({ hostPort, containerPort, protocol, hostIP }) =>
            hostPort === undefined || hostPort === 0
              ? []
              : [{ protocol: (protocol ?? 'TCP') as Protocol, hostPort, containerPort, ...(hostIP !== undefined && { hostIP }) }],
          ),
        ),
  }
}

export const isRunnable = ({ status }: Pod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
