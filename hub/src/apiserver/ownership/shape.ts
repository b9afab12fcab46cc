import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import type { Field, ListNode, ObjectNode, TypeNode } from '@bramble/shared/schema/type-node.ts'

/**
 * How server-side apply sees a value: as one (a scalar, what is atomic), or as members that may each have another owner. What no type
 * knows is deduced: objects have members, all else is one value.
 */
export type Shape =
  | { readonly type: 'one' }
  | { readonly type: 'struct'; readonly node: ObjectNode }
  | { readonly type: 'map'; readonly value: TypeNode }
  | { readonly type: 'list'; readonly list: ListNode; readonly keys: readonly string[] }

export const one: Shape = Object.freeze({ type: 'one' })
const deduced: TypeNode = Object.freeze({ tag: 'any' })
const deducedMap: Shape = Object.freeze({ type: 'map', value: deduced })

const known = new WeakMap<TypeNode, Shape>()

/** Of a value that is there and is not null. */
export function shapeOf(node: TypeNode, value: unknown): Shape {
  if (node.tag === 'scalar') return one
  if (node.tag === 'any') return isObject(value) ? deducedMap : one
  let shape = known.get(node)
  if (shape === undefined) known.set(node, (shape = shapeOfType(node)))
  return shape.type === 'one' || Array.isArray(value) === (shape.type === 'list') ? shape : one
}

function shapeOfType(node: Exclude<TypeNode, { tag: 'scalar' | 'any' }>): Shape {
  switch (node.tag) {
    case 'object':
      return node.atomic ? one : { type: 'struct', node }
    case 'map':
      return node.atomic ? one : { type: 'map', value: node.value }
    case 'list':
      return listShape(node)
    default:
      return node satisfies never
  }
}

/** A list that says nothing of apply, but how patches merge it, is merged so. */
function listShape(list: ListNode): Shape {
  const { listType, listKeys, patchStrategy, patchMergeKey } = list
  if (listType === 'map') return { type: 'list', list, keys: listKeys.toSorted() }
  if (listType === 'set') return { type: 'list', list, keys: [] }
  if (listType === 'atomic' || !patchStrategy.includes('merge')) return one
  return { type: 'list', list, keys: patchMergeKey === undefined ? [] : [patchMergeKey] }
}

/** A field of a struct, and how a path names it. */
export type Part = { readonly name: string; readonly element: string; readonly field: Field }

const partsOfStruct = new WeakMap<ObjectNode, readonly Part[]>()

/** The fields of a struct in the order in which sets have them. */
export function partsOf(node: ObjectNode): readonly Part[] {
  let parts = partsOfStruct.get(node)
  if (parts === undefined) {
    const names = [...node.fields.keys()].sort()
    parts = names.map((name) => ({ name, element: `f:${name}`, field: node.fields.get(name) as Field })) // a key of it
    partsOfStruct.set(node, parts)
  }
  return parts
}

/** The type of a member of a struct or a map; undefined for a field that nobody knows. */
export function memberNode(shape: Extract<Shape, { type: 'struct' | 'map' }>, name: string): TypeNode | undefined {
  if (shape.type === 'map') return shape.value
  return shape.node.fields.get(name)?.type ?? (shape.node.open ? deduced : undefined)
}

/** A struct's fields that its type does not name, but lets through. */
export const strangersOf = (node: ObjectNode, value: object): readonly string[] =>
  node.open ? Object.keys(value).filter((name) => !node.fields.has(name)) : []

export const strangerNode = deduced

/** What a path calls an item of a list: `k:{"name":"x"}`, `v:"x"`. Undefined for one that has no name (see `itemProblem`). */
export function itemElement({ list, keys }: Extract<Shape, { type: 'list' }>, item: unknown): string | undefined {
  if (keys.length === 0) return item === null || typeof item === 'object' ? undefined : `v:${exactJson(item)}`
  if (!isObject(item)) return undefined
  let key = ''
  for (const name of keys) {
    const value = keyValue(list, name, item)
    if (value !== undefined) key += `${key === '' ? '' : ','}${JSON.stringify(name)}:${exactJson(value)}`
  }
  return key === '' ? undefined : `k:{${key}}`
}

function keyValue({ item: node }: ListNode, name: string, item: object): unknown {
  const value = (item as Readonly<Record<string, unknown>>)[name]
  return value === undefined && node.tag === 'object' ? node.fields.get(name)?.default : value
}

/** Why an item has no name. */
export function itemProblem({ keys, list }: Extract<Shape, { type: 'list' }>, item: unknown): string {
  if (keys.length === 0) {
    if (item === null) return "associative list without keys has an element that's an explicit null"
    return Array.isArray(item)
      ? 'not supported: associative list with lists as elements'
      : "associative list without keys has an element that's a map type"
  }
  if (item === null) return 'associative list with keys may not have a null element'
  if (!isObject(item)) return 'associative list with keys may not have non-map elements'
  const names = list.listKeys.length > 0 ? list.listKeys : keys
  return `associative list with keys has an element that omits all key fields [${names.map((name) => JSON.stringify(name)).join(' ')}] (and doesn't have default values for any key fields)`
}

/** An element as error messages write it: `.name`, `[name="x",port=80]`, `[="x"]`. */
export function elementText(element: string): string {
  const rest = element.slice(2)
  if (element.startsWith('f:')) return `.${rest}`
  if (element.startsWith('v:')) return `[=${rest}]`
  if (element.startsWith('i:')) return `[${rest}]`
  const key = JSON.parse(rest) as Readonly<Record<string, unknown>> // only ever made here, or checked when it was read
  return `[${Object.entries(key)
    .map(([name, value]) => `${name}=${exactJson(value)}`)
    .join(',')}]`
}

export const pathText = (elements: readonly string[]): string => elements.map(elementText).join('')
