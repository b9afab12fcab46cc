import type { Clock } from '@bramble/shared/clock.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { cutText } from '@bramble/shared/text/cut-text.ts'
import { createEventNames } from '@bramble/shared/api/event-name.ts'
import { createEventRate } from '@bramble/shared/api/event-rate.ts'
import type { Event } from '@bramble/shared/types/event.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import type { EmitEvent } from './kubelet/parts.ts'

export type PodEvents = {
  readonly emit: EmitEvent
  /** Nothing is left of the pod, and nothing more will be told of it. */
  forget(uid: string): void
}

export type PodEventsDeps = {
  readonly node: string
  readonly clock: Clock
  /** Delivers an event; one of a name that was told before replaces it. */
  readonly tell: (event: Event) => void
}

/** Events that are remembered so that a repeat becomes a count: some for each pod that a node may have. */
const maxRemembered = 256

// The API's limit. What is remembered of a text that a registry or a pod's author wrote, megabytes at times, is no longer either.
const maxMessageBytes = 1024

/**
 * What happens to the pods of this node, as `kubectl describe pod` shows it. A repeat raises the count of the first, and a pod that
 * crashes all day costs a few messages an hour: it has the burst that Kubernetes allows an object, then one event every five minutes.
 */
export function createPodEvents({ node, clock, tell }: PodEventsDeps): PodEvents {
  const told = new LatestMap<string, Event>({ count: maxRemembered })
  const rate = createEventRate(clock)
  const nameOf = createEventNames()

  const emit: EmitEvent = (pod, type, reason, whole, container) => {
    const message = cutText(whole, maxMessageBytes)
    const { name, namespace = 'default', uid = '' } = pod.metadata
    if (!rate.take(uid)) return
    const now = clock.now()
    const time = formatTime(new Date(now))
    const key = [uid, type, reason, container, message].join('\n')
    const before = told.get(key)
    const event: Event = before
      ? { ...before, lastTimestamp: time, count: (before.count ?? 1) + 1 }
      : {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: nameOf(name, now), namespace },
          involvedObject: aboutOf(pod, container),
          type,
          reason,
          message,
          source: { component: 'kubelet', host: node },
          reportingComponent: 'kubelet',
          reportingInstance: node,
          firstTimestamp: time,
          lastTimestamp: time,
          count: 1,
        }
    told.set(key, event)
    tell(event)
  }
  return {
    emit,
    forget(uid) {
      rate.forget(uid)
      for (const [key] of told) if (key.startsWith(`${uid}\n`)) told.delete(key)
    },
  }
}

function aboutOf({ metadata, spec }: Pod, container: string | undefined): Event['involvedObject'] {
  const { name, namespace = 'default', uid, resourceVersion } = metadata
  const list = (['initContainers', 'ephemeralContainers'] as const).find((each) => spec[each]?.some(({ name }) => name === container))
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    name,
    namespace,
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(container !== undefined && { fieldPath: `spec.${list ?? 'containers'}{${container}}` }),
  }
}
