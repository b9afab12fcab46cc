import { setOwn } from '@bramble/shared/json/own.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'
import { type FieldSet, isMember } from './field-set.ts'
import { itemElement, memberNode, type Shape, shapeOf, strangerNode } from './shape.ts'

type Values = Readonly<Record<string, unknown>>
type Members = Extract<Shape, { type: 'struct' | 'map' }>
type Items = Extract<Shape, { type: 'list' }>

/** What there is with what is configured laid over it. Neither is changed; unchanged parts are shared with the result. */
export function merged(node: TypeNode, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  if (live === undefined || live === null || typeof config !== 'object') return config
  const shape = config === null ? shapeOf(node, live) : shapeOf(node, config)
  if (shape.type === 'one' || shapeOf(node, live).type !== shape.type) return config
  // A null takes no members away.
  if (config === null) return live
  return shape.type === 'list'
    ? mergedItems(shape, live as readonly unknown[], config as readonly unknown[]) // lists have a list's shape
    : mergedMembers(shape, live as Values, config as Values)
}

function mergedMembers(shape: Members, live: Values, config: Values): Values {
  const result: Record<string, unknown> = { ...live }
  for (const name of Object.keys(config)) {
    const seen = Object.hasOwn(live, name) ? live[name] : undefined
    setOwn(result, name, merged(memberNode(shape, name) ?? strangerNode, seen, config[name]))
  }
  return result
}

/**
 * Items keep the place that they have, and those that are configured the order among each other that they are configured in. An item that
 * the live list has several times is replaced by the one that is configured.
 */
function mergedItems(shape: Items, live: readonly unknown[], config: readonly unknown[]): readonly unknown[] {
  const seen = live.map((item) => itemElement(shape, item))
  const wanted = config.map((item) => itemElement(shape, item))
  const [ofSeen, ofWanted] = [indexed(seen, live), indexed(wanted, config)]
  const shared = wanted.filter((element) => element !== undefined && ofSeen.has(element))
  const done = new Set<string | undefined>()
  const result: unknown[] = []
  let [atSeen, atWanted, atShared] = [0, 0, 0]
  const take = (element: string | undefined) => {
    done.add(element)
    result.push(merged(shape.list.item, ofSeen.get(element)?.item, ofWanted.get(element)?.item))
    if (element === shared[atShared]) atShared += 1
    atWanted += 1
  }
  while (atSeen < live.length || atWanted < config.length) {
    const [element, next] = [seen[atSeen], wanted[atWanted]]
    if (atSeen < live.length && atWanted < config.length) {
      if (element === next) {
        take(next)
        atSeen += 1
        continue
      }
      if (ofWanted.has(element) && atShared < shared.length && shared[atShared] !== element) {
        atSeen += 1
        continue
      }
    }
    if (atSeen < live.length) {
      if (!ofWanted.has(element)) {
        result.push(live[atSeen])
        atSeen += 1
        continue
      }
      if (done.has(element)) atSeen += 1
    }
    if (atWanted < config.length) take(wanted[atWanted])
  }
  return result
}

/** `item` is undefined where several have one name. */
function indexed(elements: readonly (string | undefined)[], items: readonly unknown[]) {
  const found = new Map<string | undefined, { item: unknown }>()
  for (const [index, element] of elements.entries()) {
    const namesake = found.get(element)
    if (namesake === undefined) found.set(element, { item: items[index] })
    else namesake.item = undefined
  }
  return found
}

/** A value without what is at the paths of a set; undefined when nothing is left of it. */
export function without(node: TypeNode, value: unknown, set: FieldSet): unknown {
  if (typeof value !== 'object' || value === null) return value
  const shape = shapeOf(node, value)
  if (shape.type === 'one') return undefined
  return shape.type === 'list' ? withoutItems(shape, value as readonly unknown[], set) : withoutMembers(shape, value as Values, set) // as its shape says
}

function withoutMembers(shape: Members, value: Values, set: FieldSet): Values | undefined {
  const result: Record<string, unknown> = {}
  let isLeft = false
  for (const name of Object.keys(value)) {
    const gone = set[`f:${name}`]
    if (gone !== undefined && isMember(gone)) continue
    const kept = gone === undefined ? value[name] : without(memberNode(shape, name) ?? strangerNode, value[name], gone)
    if (kept === undefined) continue
    isLeft = true
    setOwn(result, name, kept)
  }
  return isLeft ? result : undefined
}

function withoutItems(shape: Items, value: readonly unknown[], set: FieldSet): readonly unknown[] | undefined {
  const result: unknown[] = []
  for (const item of value) {
    const element = itemElement(shape, item)
    const gone = element === undefined ? undefined : set[element]
    if (gone !== undefined && isMember(gone)) continue
    const kept = gone === undefined ? item : without(shape.list.item, item, gone)
    if (kept !== undefined) result.push(kept)
  }
  return result.length === 0 ? undefined : result
}
