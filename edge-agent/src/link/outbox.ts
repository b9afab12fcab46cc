import { isApiError } from '@bramble/shared/api/api-error.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { longestTimerMs, sleep } from '@bramble/shared/async/sleep.ts'
import { type Clock, systemClock } from '@bramble/shared/clock.ts'
import { LatestMap } from '@bramble/shared/limits/latest-map.ts'
import { cutText } from '@bramble/shared/text/cut-text.ts'
import type { Client, KubeObject, ObjectKey, PatchType, Resource } from '@bramble/shared/api/client.ts'
import type { Event } from '@bramble/shared/types/event.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { isAbort, messageOf, type Service } from '@bramble/shared/process/service.ts'
import { events, pathOf, pods } from '../resources.ts'

/**
 * What the node has to tell the hub, whether or not the hub is there. Nothing here waits or throws: it is delivered when it can be.
 * Statuses are latest-wins, one an object, so a week offline costs no more than a minute; events are a ring that drops its oldest.
 */
export type Outbox = {
  /**
   * Sets the status of an object; `body` must say the whole status, because one that was not delivered yet is replaced and not merged.
   * With a `uid` the patch does nothing to a later object of the same name.
   */
  patchStatus(resource: Resource, key: ObjectKey, body: { readonly status: object }, options?: StatusOptions): void
  /** The pod's containers are gone: removes its object, after its last status, and only the one with this uid. */
  deletePod(key: ObjectKey, uid: string): void
  /** An event of the same name that still waits is replaced; one that was delivered has its count and its last time raised. */
  emitEvent(event: Event): void
  /** True when nothing waits. */
  isEmpty(): boolean
  readonly droppedEvents: number
}
export type StatusOptions = { readonly uid?: string; readonly type?: PatchType }

export type OutboxDeps = {
  readonly client: Client
  /** Resolves when there is a connection (`Link.connected`). */
  readonly connected: (signal: AbortSignal) => Promise<void>
  readonly log: Log
  readonly clock?: Clock
  readonly random?: () => number
}

type Entry = {
  readonly resource: Resource
  readonly key: ObjectKey
  status: { readonly body: { readonly status: object }; readonly options: StatusOptions } | undefined
  deletion: string | undefined
  isBusy: boolean
  /** Of the tries since the last one that did not meet a fault; undefined while there was none. */
  backoff: ReturnType<typeof createBackoff> | undefined
  /** Monotonic: not before. */
  notBefore: number
}

// A node has at most some hundred pods; what is beyond this is a fault, and the oldest entries are dropped for the newest.
const maxObjects = 2000
const maxEvents = 256
// Statuses of different objects do not wait for each other; one that waits for its next try holds no place.
const parallel = 8
const timeoutMs = 15_000

export function createOutbox({ client, connected, log, clock = systemClock, random = Math.random }: OutboxDeps): {
  readonly outbox: Outbox
  readonly service: Service
} {
  const entries = new LatestMap<string, Entry>({ count: maxObjects })
  const ring: Event[] = []
  let dropped = 0
  let sendingEvent = false
  let wake = () => {}

  const entryOf = (resource: Resource, key: ObjectKey): Entry => {
    const id = pathOf(resource, key)
    const found = entries.get(id)
    if (found !== undefined) return found
    const entry: Entry = { resource, key, status: undefined, deletion: undefined, isBusy: false, backoff: undefined, notBefore: 0 }
    entries.set(id, entry)
    return entry
  }

  const deliverStatus = async (entry: Entry, signal: AbortSignal) => {
    const { status } = entry
    if (status === undefined) return
    const { uid, type = 'application/merge-patch+json' } = status.options
    const body = uid === undefined ? status.body : { ...status.body, metadata: { uid } }
    await client.patch(entry.resource as Resource<KubeObject>, entry.key, { type, body }, { subresource: 'status', signal, timeoutMs })
    if (entry.status === status) entry.status = undefined
  }

  const deliverDeletion = async (entry: Entry, signal: AbortSignal) => {
    const uid = entry.deletion
    if (uid === undefined) return
    await client.delete(entry.resource, entry.key, { gracePeriodSeconds: 0, preconditions: { uid }, signal, timeoutMs })
    if (entry.deletion === uid) entry.deletion = undefined
  }

  /** One try to deliver what one object waits for. */
  const deliver = async (entry: Entry, signal: AbortSignal) => {
    const step = entry.status !== undefined ? 'status' : 'deletion'
    const wanted = entry[step]
    try {
      await (step === 'status' ? deliverStatus(entry, signal) : deliverDeletion(entry, signal))
      entry.backoff = undefined
    } catch (error) {
      if (isAbort(error, signal)) return
      if (!isFinal(error)) {
        entry.backoff ??= createBackoff({ firstMs: 200, maxMs: 30_000, random })
        entry.notBefore = clock.monotonic() + entry.backoff.next()
        return
      }
      entry.backoff = undefined
      // The object is gone or another by now: there is nobody left to tell. Anything else is worth a line.
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict'))
        log.warn({ ...entry.key, resource: entry.resource.resource, step, error: messageOf(error) }, 'the hub refused a message')
      if (entry[step] === wanted) entry[step] = undefined
    }
  }

  const deliverEvent = async (event: Event, signal: AbortSignal) => {
    const { metadata, count = 1, lastTimestamp } = event
    if (count > 1) {
      const { namespace, name } = metadata
      const patch = { type: 'application/merge-patch+json', body: { count, lastTimestamp } } as const
      try {
        await client.patch(events, { namespace, name }, patch, { signal, timeoutMs })
        return
      } catch (error) {
        // Events expire, and the first may not have been delivered.
        if (!isApiError(error, 'NotFound')) throw error
      }
    }
    await client.create(events, event, { signal, timeoutMs })
  }

  const deliverEvents = async (signal: AbortSignal) => {
    const backoff = createBackoff({ firstMs: 500, maxMs: 30_000, random })
    for (let event = ring[0]; event !== undefined && !signal.aborted; event = ring[0]) {
      try {
        await connected(signal)
        await deliverEvent(event, signal)
        backoff.reset()
      } catch (error) {
        if (isAbort(error, signal)) return
        if (!isFinal(error)) {
          await sleep(backoff.next(), signal).catch(() => {})
          continue
        }
        log.debug({ reason: event.reason, error: messageOf(error) }, 'the hub refused an event')
      }
      if (ring[0] === event) ring.shift()
    }
  }

  const outbox: Outbox = {
    patchStatus(resource, key, body, options = {}) {
      entryOf(resource, key).status = { body, options }
      wake()
    },
    deletePod(key, uid) {
      entryOf(pods, key).deletion = uid
      wake()
    },
    emitEvent(told) {
      const event = withinBounds(told)
      // The first is being sent: changing it now would change nothing.
      const waiting = ring.findIndex(({ metadata }, i) => (i > 0 || !sendingEvent) && metadata.name === event.metadata.name)
      if (waiting >= 0) ring[waiting] = event
      else ring.push(event)
      if (ring.length > maxEvents) {
        ring.shift()
        dropped += 1
      }
      wake()
    },
    isEmpty: () => entries.count === 0 && ring.length === 0,
    get droppedEvents() {
      return dropped
    },
  }

  const service: Service = {
    name: 'outbox',
    async run(signal) {
      const busy = new Set<Promise<void>>()
      const track = (work: Promise<void>) => {
        busy.add(work)
        void work.finally(() => {
          busy.delete(work)
          wake()
        })
      }
      const next = createPulse()
      wake = next.ring
      while (!signal.aborted) {
        let soonest = Infinity
        // While the hub is away everything waits in its place, and nothing is tried.
        await connected(signal).catch(() => {})
        if (signal.aborted) break
        for (const [id, entry] of entries) {
          if (entry.isBusy) continue
          if ((entry.status ?? entry.deletion) === undefined) {
            entries.delete(id)
            continue
          }
          const waitMs = entry.backoff === undefined ? 0 : entry.notBefore - clock.monotonic()
          if (waitMs > 0) soonest = Math.min(soonest, waitMs)
          else if (busy.size < parallel) {
            entry.isBusy = true
            track(deliver(entry, signal).finally(() => (entry.isBusy = false)))
          }
        }
        if (ring.length > 0 && !sendingEvent) {
          sendingEvent = true
          track(deliverEvents(signal).finally(() => (sendingEvent = false)))
        }
        await next.wait(Math.min(soonest, longestTimerMs), signal)
      }
      await Promise.all(busy)
    },
  }
  return { outbox, service }
}

/** Errors that another try would meet again. */
const isFinal = (error: unknown): boolean =>
  isApiError(error) &&
  !['Timeout', 'ServerTimeout', 'ServiceUnavailable', 'TooManyRequests', 'InternalError', 'InsufficientStorage'].includes(error.reason)

// What the hub keeps of an event's text, as Kubernetes does, in bytes.
const maxMessageBytes = 1024

/** An event whose message is longer than is kept loses its end rather than all of it. */
const withinBounds = (event: Event): Event => ({ ...event, message: cutText(event.message ?? '', maxMessageBytes) })
