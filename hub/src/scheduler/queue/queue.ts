import type { ClusterChange } from '../framework.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { Heap } from './heap.ts'
import type { PodInfo } from '../pods/pod-info.ts'

type Waiting = {
  info: PodInfo
  /** Grows with each pod: the older comes first. */
  readonly number: number
  attempts: number
  state: 'active' | 'backoff' | 'unschedulable' | 'in hand' | 'gone'
  /** Not to be tried again before. */
  notBefore: number
  /** By whom it was last found to fit nowhere. */
  refusedBy: readonly string[]
  /** How often its state has changed: an entry of a heap that knows another number is out of date. */
  changes: number
}
type Entry = { readonly waiting: Waiting; readonly at: number; readonly changes: number }

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

/** Entries of heaps that are out of date are dropped when they are more than the pods and these. */
const staleEntries = 64
/** Who "refused" a pod when there was no node at all. */
const nobody = ''

/**
 * Pods that want a node: active ones in order of priority and age, those in backoff, and those that fit nowhere and wait for a
 * change that matters to the plugins that refused them. Bounded by the pods that exist; no step looks at all of them.
 */
export class SchedulingQueue {
  readonly #pods = new Map<string, Waiting>()
  readonly #active = new Heap<Entry>((a, b) => comesBefore(a.waiting, b.waiting))
  readonly #later = new Heap<Entry>((a, b) => a.at < b.at)
  /** Those that fit nowhere, by each plugin that refused them. */
  readonly #refused = new Map<string, Set<Waiting>>()
  #number = 0
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
      const waiting: Waiting = {
        info,
        number: this.#number++,
        attempts: 0,
        state: 'in hand',
        notBefore: 0,
        refusedBy: [],
        changes: 0,
      }
      this.#pods.set(info.uid, waiting)
      return this.#become(waiting, 'active')
    }
    const isChanged = known.info.pod.metadata.generation !== info.pod.metadata.generation || labelsDiffer(known.info, info)
    known.info = info
    if (isChanged && known.state === 'unschedulable') this.#retry(known)
  }

  remove(uid: string): void {
    const waiting = this.#pods.get(uid)
    if (waiting === undefined) return
    this.#pods.delete(uid)
    this.#become(waiting, 'gone')
  }

  /** The next pod to place; it stays in hand until it is answered by `refused`, `failed` or `remove`. */
  pop(): PodInfo | undefined {
    this.#wakeLater()
    const next = this.#firstOf(this.#active)?.waiting
    if (next === undefined) return undefined
    this.#active.take()
    this.#become(next, 'in hand')
    next.attempts += 1
    return next.info
  }

  /** It fits nowhere now. */
  refused(uid: string, refusedBy: readonly string[]): void {
    const waiting = this.#pods.get(uid)
    if (waiting === undefined) return
    waiting.notBefore = this.#now() + backoffOf(waiting.attempts)
    waiting.refusedBy = refusedBy.length === 0 ? [nobody] : refusedBy
    this.#become(waiting, 'unschedulable')
  }

  /** It fitted, but something went wrong on the way: another try after its backoff. */
  failed(uid: string): void {
    const waiting = this.#pods.get(uid)
    if (waiting === undefined) return
    waiting.notBefore = this.#now() + backoffOf(waiting.attempts)
    this.#become(waiting, 'backoff')
  }

  /** Gives the pods another try that were refused by a plugin to which this change matters; all of them when there were no nodes. */
  changed(change: ClusterChange): void {
    for (const [plugin, pods] of this.#refused)
      if (plugin === nobody ? change === 'node-added' : this.#isUnblocked(plugin, change)) for (const waiting of pods) this.#retry(waiting)
  }

  /** Milliseconds until a pod becomes active by itself; 0 when one is. */
  nextDueMs(): number | undefined {
    this.#wakeLater()
    if (this.#firstOf(this.#active) !== undefined) return 0
    const next = this.#firstOf(this.#later)
    return next === undefined ? undefined : Math.max(0, next.at - this.#now())
  }

  #retry(waiting: Waiting): void {
    this.#become(waiting, waiting.notBefore <= this.#now() ? 'active' : 'backoff')
  }

  #wakeLater(): void {
    for (let next = this.#firstOf(this.#later); next !== undefined && next.at <= this.#now(); next = this.#firstOf(this.#later))
      this.#become(next.waiting, 'active')
  }

  #become(waiting: Waiting, state: Waiting['state']): void {
    if (waiting.state === 'unschedulable')
      for (const plugin of waiting.refusedBy) {
        const pods = this.#refused.get(plugin)
        pods?.delete(waiting)
        if (pods?.size === 0) this.#refused.delete(plugin)
      }
    waiting.state = state
    waiting.changes += 1
    const { changes } = waiting
    if (state === 'active') this.#enter(this.#active, { waiting, at: 0, changes })
    if (state === 'backoff') this.#enter(this.#later, { waiting, at: waiting.notBefore, changes })
    if (state !== 'unschedulable') return
    this.#enter(this.#later, { waiting, at: this.#now() + unschedulableMs, changes })
    for (const plugin of waiting.refusedBy) {
      const pods = this.#refused.get(plugin) ?? new Set<Waiting>()
      this.#refused.set(plugin, pods.add(waiting))
    }
  }

  #enter(heap: Heap<Entry>, entry: Entry): void {
    heap.put(entry)
    if (heap.size > 2 * this.#pods.size + staleEntries) heap.keepOnly(isCurrent)
  }

  #firstOf(heap: Heap<Entry>): Entry | undefined {
    while (heap.first !== undefined && !isCurrent(heap.first)) heap.take()
    return heap.first
  }
}

const isCurrent = ({ waiting, changes }: Entry): boolean => waiting.changes === changes

const backoffOf = (attempts: number) => Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.max(0, attempts - 1))

const comesBefore = (a: Waiting, b: Waiting) =>
  a.info.priority === b.info.priority ? a.number < b.number : a.info.priority > b.info.priority

const labelsDiffer = (a: PodInfo, b: PodInfo) => !isSameJson(a.pod.metadata.labels ?? {}, b.pod.metadata.labels ?? {})
