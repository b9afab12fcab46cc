import type { Field, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { empty, type FieldSet, isEmpty, leaf, type MutableSet } from './field-set.ts'
import { itemElement, partsOf, type Shape, shapeOf, strangerNode, strangersOf } from './shape.ts'

/**
 * Whose own path is in the set beside those of its members: of what is configured the items of lists and maps, of what has come to be
 * (`everything`) structs, lists and maps as well, because before there was none.
 */
export type Extent = 'configured' | 'everything'

/** The fields that a value has, as whoever configures it owns them. */
export const configuredFields = (node: TypeNode, value: unknown): FieldSet => below(node, value, 'configured')

/** The node of a value that is there now and was not before. */
export function wholeOf(node: TypeNode, value: unknown, field?: Field): FieldSet {
  const members = below(node, value, 'everything')
  if (isEmpty(members)) return leaf
  return field !== undefined && isAlwaysThere(field) ? members : { '.': leaf, ...members }
}

/** What Go holds by value, or writes even if it is not given, is there in every object. */
export const isAlwaysThere = ({ byValue, required }: Field): boolean => byValue || required

/** The members of a value; none of what is one value. */
function below(node: TypeNode, value: unknown, extent: Extent): FieldSet {
  if (typeof value !== 'object' || value === null) return empty
  const shape = shapeOf(node, value)
  switch (shape.type) {
    case 'one':
      return empty
    case 'struct':
      return ofStruct(shape, value as Values, extent)
    case 'map':
      return ofMap(shape, value as Values, extent)
    case 'list':
      return ofList(shape, value as readonly unknown[], extent) // a list has a list's shape
    default:
      return shape satisfies never
  }
}

type Values = Readonly<Record<string, unknown>>
type Of<T extends Shape['type']> = Extract<Shape, { type: T }>

function ofStruct({ node }: Of<'struct'>, value: Values, extent: Extent): FieldSet {
  const set: MutableSet = {}
  for (const { name, element, field } of partsOf(node)) {
    const member = value[name]
    if (member === undefined || !isOwn(value, name)) continue
    if (typeof member !== 'object' || member === null) set[element] = leaf
    else if (extent === 'everything') set[element] = wholeOf(field.type, member, field)
    else {
      const inner = below(field.type, member, extent)
      if (!isEmpty(inner) || !isEmptyList(field.type, member)) set[element] = inner
    }
  }
  const strangers = strangersOf(node, value)
  if (strangers.length > 0) for (const name of strangers.toSorted()) set[`f:${name}`] = selfAnd(below(strangerNode, value[name], extent))
  return set
}

function ofMap({ value: node }: Of<'map'>, value: Values, extent: Extent): FieldSet {
  const set: MutableSet = {}
  const names = Object.keys(value)
  for (const name of names.length > 1 ? names.sort() : names) {
    const member = value[name]
    set[`f:${name}`] = typeof member === 'object' ? selfAnd(below(node, member, extent)) : leaf
  }
  return set
}

function ofList(shape: Of<'list'>, value: readonly unknown[], extent: Extent): FieldSet {
  const set: MutableSet = {}
  for (const item of value) {
    const element = itemElement(shape, item)
    // Of several with one name nobody can say which one is meant: together they are one value.
    if (element !== undefined) set[element] = set[element] === undefined ? selfAnd(below(shape.list.item, item, extent)) : leaf
  }
  return set
}

const selfAnd = (members: FieldSet): FieldSet => (isEmpty(members) ? leaf : { '.': leaf, ...members })

/** A list that may have items and has none is nobody's. */
const isEmptyList = (node: TypeNode, value: object): boolean =>
  Array.isArray(value) && value.length === 0 && shapeOf(node, value).type === 'list'

/** A field may be called like something that every object inherits. */
const isOwn = (value: Values, name: string): boolean =>
  typeof value[name] !== 'function' && (name !== '__proto__' || Object.hasOwn(value, name))
