import type { ClusterChange } from './framework.ts'
import type { PodInfo } from './snapshot.ts'

type Waiting = {
  info: PodInfo
  readonly since: number
  attempts: number
  state: 'active' | 'backoff' | 'unschedulable' | 'in hand'
  /** Not to be tried again before. */
  notBefore: number
  /** When it was last found to fit nowhere, and by whom. */
  refusedAt: number
  refusedBy: readonly string[]
}

export type SchedulingQueueDeps = {
  /** Milliseconds that only grow. */
  readonly now: () => number
  readonly isUnblocked: (plugin: string, change: ClusterChange) => boolean
}

/** Far below Kubernetes' second: on a small fleet another try costs microseconds, and a Pi that just became ready is being waited for. */
const firstBackoffMs = 100
const maxBackoffMs = 10_000
/** A pod that no event has moved is tried again after this, in case an event we do not know of mattered (Kubernetes' own figure). */
const unschedulableMs = 300_000

/**
 * Pods that want a node: active ones in order of priority and age, those in backoff, and those that fit nowhere and wait for a
 * change that matters to the plugins that refused them. Bounded by the pods that exist.
 */
export class SchedulingQueue {
  readonly #pods = new Map<string, Waiting>()
  readonly #now: () => number
  readonly #isUnblocked: SchedulingQueueDeps['isUnblocked']

  constructor({ now, isUnblocked }: SchedulingQueueDeps) {
    this.#now = now
    this.#isUnblocked = isUnblocked
  }

  get size(): number {
    return this.#pods.size
  }

  /** A new pod becomes active; of a known one only its spec counts: a change there earns it another try. */
  put(info: PodInfo): void {
    const known = this.#pods.get(info.uid)
    if (known === undefined) {
      this.#pods.set(info.uid, {
        info,
        since: this.#now(),
        attempts: 0,
        state: 'active',
        notBefore: 0,
        refusedAt: 0,
        refusedBy: [],
      })
      return
    }
    const isChanged = known.info.pod.metadata.generation !== info.pod.metadata.generation || labelsDiffer(known.info, info)
    known.info = info
    if (isChanged && known.state === 'unschedulable') this.#retry(known)
  }

  remove(uid: string): void {
    this.#pods.delete(uid)
  }

  /** The next pod to place; it stays in hand until it is answered by `refused`, `failed` or `remove`. */
  pop(): PodInfo | undefined {
    const now = this.#now()
    let next: Waiting | undefined
    for (const waiting of this.#pods.values()) {
      if (waiting.state === 'backoff' && waiting.notBefore <= now) waiting.state = 'active'
      if (waiting.state === 'unschedulable' && waiting.refusedAt + unschedulableMs <= now) waiting.state = 'active'
      if (waiting.state === 'active' && (next === undefined || comesBefore(waiting, next))) next = waiting
    }
    if (next === undefined) return undefined
    next.state = 'in hand'
    next.attempts += 1
    return next.info
  }

  /** It fits nowhere now. */
  refused(uid: string, refusedBy: readonly string[]): void {
    const waiting = this.#pods.get(uid)
    if (waiting === undefined) return
    waiting.state = 'unschedulable'
    waiting.refusedAt = this.#now()
    waiting.refusedBy = refusedBy
    waiting.notBefore = this.#now() + backoffOf(waiting.attempts)
  }

  /** It fitted, but something went wrong on the way: another try after its backoff. */
  failed(uid: string): void {
    const waiting = this.#pods.get(uid)
    if (waiting === undefined) return
    waiting.state = 'backoff'
    waiting.notBefore = this.#now() + backoffOf(waiting.attempts)
  }

  /** Gives the pods another try that were refused by a plugin to which this change matters; all of them when there were no nodes. */
  changed(change: ClusterChange): void {
    for (const waiting of this.#pods.values()) {
      if (waiting.state !== 'unschedulable') continue
      const matters =
        waiting.refusedBy.length === 0 ? change === 'node-added' : waiting.refusedBy.some((plugin) => this.#isUnblocked(plugin, change))
      if (matters) this.#retry(waiting)
    }
  }

  /** Milliseconds until a pod becomes active by itself; 0 when one is. */
  nextDueMs(): number | undefined {
    const now = this.#now()
    let due: number | undefined
    for (const { state, notBefore, refusedAt } of this.#pods.values()) {
      if (state === 'in hand') continue
      const at = state === 'active' ? now : state === 'backoff' ? notBefore : refusedAt + unschedulableMs
      due = Math.min(due ?? Infinity, Math.max(0, at - now))
    }
    return due
  }

  #retry(waiting: Waiting): void {
    waiting.state = waiting.notBefore <= this.#now() ? 'active' : 'backoff'
  }
}

const backoffOf = (attempts: number) => Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.max(0, attempts - 1))

const comesBefore = (a: Waiting, b: Waiting) =>
  a.info.priority === b.info.priority ? a.since < b.since : a.info.priority > b.info.priority

const labelsDiffer = (a: PodInfo, b: PodInfo) => JSON.stringify(a.pod.metadata.labels ?? {}) !== JSON.stringify(b.pod.metadata.labels ?? {})
