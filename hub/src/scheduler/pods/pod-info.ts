import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { requestsOf } from '../snapshot/resources.ts'
import type { ResourceAmounts } from '../snapshot/resources.ts'

export type HostPort = { readonly ip: string; readonly protocol: string; readonly port: number }

/** A pod with what scheduling asks of it, worked out once. */
export type PodInfo = {
  /** Its newest version that is the same to scheduling. */
  pod: Pod
  readonly key: string
  readonly uid: string
  readonly namespace: string
  readonly priority: number
  readonly requests: ResourceAmounts
  readonly hostPorts: readonly HostPort[]
  readonly controllerUid: string | undefined
}

export function podInfoOf(pod: Pod): PodInfo {
  const { metadata, spec } = pod
  const namespace = metadata.namespace ?? ''
  return {
    pod,
    key: `${namespace}/${metadata.name}`,
    uid: metadata.uid ?? '',
    namespace,
    priority: spec?.priority ?? 0,
    requests: requestsOf(pod),
    hostPorts: hostPortsOf(pod),
    controllerUid: metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid,
  }
}

/**
 * Whether a pod is to scheduling what it was: its status alone has changed. An agent writes several of those for each pod, and none of
 * them is worth working it out anew.
 */
export function isSameToScheduling({ metadata: a }: Pod, { metadata: b }: Pod): boolean {
  return (
    a.uid === b.uid &&
    a.generation !== undefined &&
    a.generation === b.generation &&
    (a.deletionTimestamp === undefined) === (b.deletionTimestamp === undefined) &&
    isSameJson(a.labels ?? {}, b.labels ?? {}) &&
    isSameJson(a.ownerReferences ?? [], b.ownerReferences ?? [])
  )
}

/** A sidecar (an init container that restarts) keeps its ports as long as the pod lives; other init containers are not counted, as in Kubernetes. */
const hostPortsOf = ({ spec }: Pod): readonly HostPort[] =>
  [...(spec?.containers ?? []), ...(spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')].flatMap(
    ({ ports = [] }) =>
      ports.flatMap(({ hostPort, hostIP, protocol }) =>
        hostPort === undefined || hostPort === 0 ? [] : [{ ip: hostIP ?? '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort }],
      ),
  )
