import { isSameJson } from '@bramble/shared/json/same-json.ts'
import type { Field, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { empty, type FieldSet, leaf, type MutableSet } from './field-set.ts'
import { isAlwaysThere, newNode } from './fields-of.ts'
import { itemElement, memberNode, type Shape, shapeOf, strangerNode } from './shape.ts'

/** What one value has and the other has not, and what both have differently. */
export type Comparison = { readonly added: FieldSet; readonly removed: FieldSet; readonly modified: FieldSet }

export const noChange: Comparison = Object.freeze({ added: empty, removed: empty, modified: empty })

/** Of two whole objects; a new object was none before. */
export function compare(node: TypeNode, before: unknown, after: unknown): Comparison {
  const found = compareValues(node, before ?? {}, after ?? {})
  return { ...noChange, ...found }
}

/** Of a node; undefined parts and no answer at all: nothing of it has changed. */
type Found = { added?: FieldSet; removed?: FieldSet; modified?: FieldSet }
type Values = Readonly<Record<string, unknown>>

const modified: Found = Object.freeze({ modified: leaf })

function compareValues(node: TypeNode, before: unknown, after: unknown, field?: Field): Found | undefined {
  if (before === after) return undefined
  if (before === undefined || after === undefined) return appeared(node, before, after, field)
  if (typeof before !== 'object' && typeof after !== 'object') return modified
  const [one, other] = [shapeOf(node, before), shapeOf(node, after)]
  // A null fits every shape.
  const shape = before === null ? other : one
  if (before !== null && after !== null && one.type !== other.type) return changedShape(node, before, after)
  if (shape.type === 'one' || (isBare(before) && isBare(after))) return isSameJson(before, after) ? undefined : modified
  switch (shape.type) {
    case 'struct':
    case 'map':
      return compareMembers(shape, (before ?? {}) as Values, (after ?? {}) as Values)
    case 'list':
      // Most lists of a status are as they were, and need not be put in order.
      return isSameJson(before, after)
        ? undefined
        : compareItems(shape, (before ?? []) as readonly unknown[], (after ?? []) as readonly unknown[]) // lists have a list's shape
    default:
      return shape satisfies never
  }
}

/** What Go always has was empty before. */
function appeared(node: TypeNode, before: unknown, after: unknown, field: Field | undefined): Found | undefined {
  const value = before ?? after
  const isThere = field !== undefined && isAlwaysThere(field) && shapeOf(node, value).type !== 'one'
  if (isThere) return compareValues(node, before ?? emptyLike(after), after ?? emptyLike(before))
  return { [before === undefined ? 'added' : 'removed']: newNode(node, value) }
}

const emptyLike = (value: unknown): unknown => (Array.isArray(value) ? [] : {})

/** Of a deduced type: the value is another one, and so are the members that only one of both has. */
function changedShape(node: TypeNode, before: unknown, after: unknown): Found {
  const [gone, come] = [newNode(node, before), newNode(node, after)]
  const { '.': _gone, ...removed } = gone
  const { '.': _come, ...added } = come
  return { modified: leaf, ...(gone['.'] !== undefined && { removed }), ...(come['.'] !== undefined && { added }) }
}

/** Nothing is in it. */
function isBare(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (value !== null && typeof value === 'object') for (const name in value) if (Object.hasOwn(value, name)) return false
  return true
}

function compareMembers(shape: Extract<Shape, { type: 'struct' | 'map' }>, before: Values, after: Values): Found | undefined {
  let found: Collected | undefined
  const visit = (name: string) => {
    const field = shape.type === 'struct' ? shape.node.fields.get(name) : undefined
    const node = field?.type ?? memberNode(shape, name) ?? strangerNode
    const [one, other] = [ownMember(before, name), ownMember(after, name)]
    const inner = one === other ? undefined : compareValues(node, one, other, field)
    if (inner !== undefined) found = collected(found, `f:${name}`, inner)
  }
  for (const name of Object.keys(before)) visit(name)
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) visit(name)
  return found
}

const ownMember = (values: Values, name: string): unknown => (Object.hasOwn(values, name) ? values[name] : undefined)

function compareItems(shape: Extract<Shape, { type: 'list' }>, before: readonly unknown[], after: readonly unknown[]): Found | undefined {
  let found: Collected | undefined
  const [ones, others] = [byElement(shape, before), byElement(shape, after)]
  const node = shape.list.item
  const visit = (element: string) => {
    const [one = [], other = []] = [ones.get(element), others.get(element)]
    const inner = compareNamesakes(node, one, other)
    if (inner !== undefined) found = collected(found, element, inner)
  }
  for (const element of ones.keys()) visit(element)
  for (const element of others.keys()) if (!ones.has(element)) visit(element)
  return found
}

/** Items with one name that are more than one are one value together, which comes and goes as a whole. */
function compareNamesakes(node: TypeNode, before: readonly unknown[], after: readonly unknown[]): Found | undefined {
  if (before.length <= 1 && after.length <= 1) return compareValues(node, before[0], after[0])
  if (before.length > 1 && after.length > 1) return isSameJson(before, after) ? undefined : modified
  if (before.length > 1) return { removed: leaf, ...(after.length === 1 && { added: newNode(node, after[0]) }) }
  return { added: leaf, ...(before.length === 1 && { removed: newNode(node, before[0]) }) }
}

function byElement(shape: Extract<Shape, { type: 'list' }>, items: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  const found = new Map<string, unknown[]>()
  for (const item of items) {
    const element = itemElement(shape, item)
    if (element === undefined) continue
    const namesakes = found.get(element)
    if (namesakes === undefined) found.set(element, [item])
    else namesakes.push(item)
  }
  return found
}

type Collected = { added?: MutableSet; removed?: MutableSet; modified?: MutableSet }

/** What was found below a node, with what was found at one more element of it. */
function collected(all: Collected = {}, element: string, found: Found): Collected {
  for (const part of ['added', 'removed', 'modified'] as const) {
    const set = found[part]
    if (set !== undefined) (all[part] ??= {})[element] = set
  }
  return all
}
