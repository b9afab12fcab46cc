import { isApiError } from '@bramble/shared/api/api-error.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Client, KubeObject } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { createEventNames } from '@bramble/shared/api/event-name.ts'
import { createEventRate } from '@bramble/shared/api/event-rate.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import type { Event } from '@bramble/shared/types/event.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Service } from '@bramble/shared/process/service.ts'

export type EventType = 'Normal' | 'Warning'

/**
 * Tells users what happened to an object. Best effort: `record` never waits and never throws, repeats raise a count instead of
 * making new events, and what exceeds the rate of one object or the queue is dropped.
 */
export type EventRecorder = Service & {
  readonly record: RecordEvent
  /** The same recorder speaking for another component. */
  readonly as: (component: string) => { readonly record: RecordEvent }
}
type RecordEvent = (about: KubeObject, type: EventType, reason: string, message: string) => void

export type EventRecorderDeps = {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  /** `source.component` of the events, such as `default-scheduler`. */
  readonly component: string
}

/** Events waiting to be sent; a hub that cannot send this many has other worries than telling about them. */
const maxPending = 1_000
/** Events that are remembered so that a repeat becomes a count. */
const maxRemembered = 4_096

type Pending = {
  readonly key: string
  readonly component: string
  /** Names the object: what waits must not hold megabytes that are no longer stored. */
  readonly about: Event['involvedObject']
  readonly type: EventType
  readonly reason: string
  readonly message: string
  readonly firstAt: number
  lastAt: number
  times: number
}
type Sent = { readonly namespace: string; readonly name: string; count: number }

export function createEventRecorder({ client, clock, log, component }: EventRecorderDeps): EventRecorder {
  const pending = new Map<string, Pending>()
  const sent = new LatestMap<string, Sent>({ count: maxRemembered })
  const rate = createEventRate(clock)
  const nameOf = createEventNames()
  const news = createPulse()

  async function send(event: Pending, signal: AbortSignal): Promise<void> {
    const earlier = sent.get(event.key)
    if (earlier !== undefined) {
      const count = earlier.count + event.times
      try {
        await client.patch(
          events,
          { namespace: earlier.namespace, name: earlier.name },
          { type: 'application/merge-patch+json', body: { count, lastTimestamp: toTime(event.lastAt) } },
          { signal },
        )
        sent.set(event.key, { ...earlier, count })
        return
      } catch (error) {
        // Events expire; the next one of its kind starts anew.
        if (!isApiError(error, 'NotFound')) throw error
        sent.delete(event.key)
      }
    }
    const object = eventOf(event, nameOf(event.about.name ?? '', event.firstAt))
    await client.create(events, object, { signal })
    sent.set(event.key, { namespace: object.metadata.namespace ?? '', name: object.metadata.name, count: event.times })
  }

  const recordAs =
    (component: string): RecordEvent =>
    (about, type, reason, message) => {
      const objectKey = `${about.kind}/${about.metadata.namespace ?? ''}/${about.metadata.name}/${about.metadata.uid ?? ''}`
      if (!rate.take(objectKey)) return
      const key = `${component}/${objectKey}/${type}/${reason}/${message}`
      const now = clock.now()
      const waiting = pending.get(key)
      if (waiting !== undefined) {
        waiting.times += 1
        waiting.lastAt = now
        return
      }
      if (pending.size >= maxPending) return
      pending.set(key, { key, component, about: referenceTo(about), type, reason, message, firstAt: now, lastAt: now, times: 1 })
      news.ring()
    }

  return {
    name: `events of ${component}`,
    record: recordAs(component),
    as: (other) => ({ record: recordAs(other) }),
    async run(signal) {
      while (!signal.aborted) {
        const next = pending.values().next().value
        if (next === undefined) {
          await news.wait(Infinity, signal)
          continue
        }
        if (isTurnOver()) await nextTurn()
        pending.delete(next.key)
        // A lost event is not worth a retry, and a namespace that is being deleted refuses them all.
        await send(next, signal).catch((error: unknown) =>
          log.debug({ reason: next.reason, error: messageOf(error) }, 'event not recorded'),
        )
      }
    },
  }
}

const toTime = (ms: number) => formatTime(new Date(ms))

const referenceTo = ({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } }: KubeObject): Event['involvedObject'] => ({
  apiVersion,
  kind,
  name,
  ...(namespace === undefined ? {} : { namespace }),
  ...(uid === undefined ? {} : { uid }),
  ...(resourceVersion === undefined ? {} : { resourceVersion }),
})

/** Events about cluster-scoped objects live in `default`, where `kubectl describe node` looks for them. */
function eventOf({ component, about, type, reason, message, firstAt, lastAt, times }: Pending, name: string): Event {
  const { namespace = 'default' } = about
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: about,
    reason,
    message,
    type,
    count: times,
    firstTimestamp: toTime(firstAt),
    lastTimestamp: toTime(lastAt),
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
  }
}
