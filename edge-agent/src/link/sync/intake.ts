import { keyText, keyTextOf } from '@bramble/shared/api/object-key.ts'
import type { KubeObject, ObjectKey } from '@bramble/shared/api/client.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Cache } from '../../cache/cache.ts'
import type { Source } from '../../cache/source.ts'
import { nodes, pods } from '../../resources.ts'
import { Holdings } from './holdings.ts'
import { neededOf, outlineOf, type PodOutline, withEndOf, withSpecOf } from './needed.ts'
import type { Scope } from './scope.ts'

export type IntakeDeps = {
  readonly source: Source
  readonly facts: Cache['facts']
  readonly node: string
  readonly lists: readonly Scope[]
  /** What the lists may take of the memory, by scope. */
  readonly limits: Readonly<Record<string, number>>
  readonly onRefused?: (pod: PodOutline, why: string) => void
}

/** What of the lists that are followed is kept: of each object what this node needs, and of each list what there is memory for. */
export class Intake {
  readonly #deps: IntakeDeps
  /** A single object has no share: it is the cache that holds it or does not. */
  readonly #holdings: ReadonlyMap<string, Holdings>
  /** Pods for which there was no room, until all that was heard with them is dealt with: what goes at the same time makes room. */
  readonly #refused = new Map<string, PodOutline>()

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#holdings = new Map(
      deps.lists.map(({ name, resource }) => [name, new Holdings(deps.limits[name] ?? Infinity, deps.source.list(resource))]),
    )
  }

  /** What is kept of an object, if there is room for it; of one that outgrew its room the state that is held. */
  take({ name, resource }: Scope, object: KubeObject): readonly KubeObject[] {
    const { source, node } = this.#deps
    return neededOf(object, node).flatMap((needed) => {
      const list = this.#holdings.get(name)
      const isSelf = resource === nodes && needed.metadata.name === node
      if (list === undefined) return [needed]
      const before = source.get(resource, needed.metadata)
      if (isSelf || list.take(needed)) return [withSpecOf(before, needed)]
      const known = list.has(needed) ? before : undefined
      if (known !== undefined) return [withEndOf(known, needed)]
      if (resource === pods) this.#refused.set(keyTextOf(needed), outlineOf(needed as Pod)) // of the scope of pods
      return []
    })
  }

  /** What goes makes room for what comes. */
  drop({ name }: Scope, keys: readonly ObjectKey[]): void {
    for (const key of keys) this.#holdings.get(name)?.drop(keyText(key))
  }

  /** After a complete list: what is not among these is gone. */
  keepOnly({ name }: Scope, keys: readonly ObjectKey[]): void {
    this.#holdings.get(name)?.keepOnly(new Set(keys.map(keyText)))
  }

  /** All that was heard together has been taken or refused. */
  settle({ name }: Scope): void {
    const list = this.#holdings.get(name)
    if (list?.problem(name) === undefined) this.#deps.facts.delete(leftOutFact(name))
    else this.#deps.facts.set(leftOutFact(name), true)
    if (name !== 'pods') return
    if (!list?.hasRoomAgain()) for (const pod of this.#refused.values()) this.#deps.onRefused?.(pod, list?.refusal(keyTextOf(pod)) ?? '')
    this.#refused.clear()
  }

  /** Whether something that was left out would have room now: it is worth a new list. */
  hasRoomAgain({ name }: Scope): boolean {
    return this.#holdings.get(name)?.hasRoomAgain() === true
  }

  /** Whether an earlier life left something out, of which a watch does not tell. */
  hasLeftOut({ name }: Scope): boolean {
    return this.#deps.facts.get(leftOutFact(name)) === true
  }

  /** What of the lists is not followed, one sentence each. */
  problems(): readonly string[] {
    return [...this.#holdings].flatMap(([name, list]) => list.problem(name) ?? [])
  }
}

const leftOutFact = (scope: string) => `left-out/${scope}`
