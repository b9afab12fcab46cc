import { randomBytes } from 'node:crypto'
import type { Event } from '@bramble/shared/kinds/event.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'

export type PodEvent = {
  readonly pod: Pod
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly node: string
  readonly now: Date
}

/** What happened to a pod on this node, as `kubectl describe pod` shows it. */
export function podEvent({ pod, type, reason, message, node, now }: PodEvent): Event {
  const { name, namespace = 'default', uid, resourceVersion } = pod.metadata
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${now.getTime().toString(16)}${randomBytes(4).toString('hex')}`, namespace },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      name,
      namespace,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    type,
    reason,
    // The API's limit.
    message: message.slice(0, 1024),
    source: { component: 'kubelet', host: node },
    reportingComponent: 'kubelet',
    reportingInstance: node,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}
