import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import type { Cache } from '../cache/cache.ts'
import { mirroredUid, mirrorsOf } from '../mirrors.ts'
import { pods as podResource } from '../resources.ts'
import type { LocalPod, Protocol } from './service-ports.ts'

/** Where the proxy learns of this node's own pods. */
export type LocalPods = {
  list(): readonly LocalPod[]
  subscribe(listener: () => void): () => void
}

export type LocalPodsStore = LocalPods & {
  /** What the kubelet found, whenever it found something new. */
  report(pod: Pod, status: PodStatus): void
}

/**
 * This node's pods with the status that the kubelet last reported, which need not have reached the hub: after a cold boot
 * with no hub pods have new addresses, and the slices in the cache still name the old ones.
 */
export function createLocalPods(cache: Pick<Cache, 'list' | 'subscribe'>): LocalPodsStore {
  const reported = new Map<string, PodStatus>()
  const listeners = new Set<() => void>()
  return {
    list() {
      const pods = cache.list(podResource)
      const uids = new Set(pods.map(({ metadata }) => metadata.uid))
      for (const uid of reported.keys()) if (!uids.has(uid)) reported.delete(uid)
      const mirrors = mirrorsOf(pods)
      return (
        pods
          .filter((pod) => mirroredUid(pod) === undefined)
          .map((pod) => ({ ...pod, status: reported.get(pod.metadata.uid ?? '') ?? pod.status }))
          .filter(isRunnable)
          .map(localPodOf)
          // The slices of the hub name a pod that was born here by its mirror.
          .map((local) => ({ ...local, uid: mirrors.get(local.uid)?.metadata.uid ?? local.uid }))
      )
    },
    subscribe(listener) {
      listeners.add(listener)
      const unsubscribe = cache.subscribe(podResource, listener)
      return () => {
        listeners.delete(listener)
        unsubscribe()
      }
    },
    report({ metadata: { uid } }, status) {
      if (uid === undefined) return
      reported.set(uid, status)
      for (const listener of listeners) listener()
    },
  }
}

/** What the rules need of a pod. */
export function localPodOf({ metadata, spec, status }: Pod): LocalPod {
  const ip = status?.podIP
  const containers = [...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always'), ...spec.containers]
  return {
    uid: metadata.uid ?? '',
    ...(ip !== undefined && ip !== '' && { ip }),
    ready: status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false,
    ...(metadata.deletionTimestamp !== undefined && { terminating: true }),
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
