import type { Field, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { empty, type FieldSet, isEmpty, leaf, type MutableSet } from './field-set.ts'
import { itemElement, partsOf, type Shape, shapeOf, strangerNode, strangersOf } from './shape.ts'

/**
 * Whose own path is in the set beside those of its members. Of what is configured that of items of lists and maps. Of what is `new` that of
 * structs, lists and maps as well, because before there was none; but for what stands in every object, whose parent was `there` already.
 */
type Extent = 'configured' | 'new' | 'there'

/** The fields that a value has, as whoever configures it owns them. */
export const configuredFields = (node: TypeNode, value: unknown): FieldSet => below(node, value, 'configured')

/** All fields of an object that was not there before. */
export const newFields = (node: TypeNode, value: unknown): FieldSet => below(node, value, 'there')

/** The node of a value that was not there before. */
export const newNode = (node: TypeNode, value: unknown): FieldSet => selfAnd(below(node, value, 'new'))

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
    else if (extent === 'new' || (extent === 'there' && !isAlwaysThere(field))) set[element] = newNode(field.type, member)
    else {
      const inner = below(field.type, member, extent)
      if (!isEmpty(inner) || !isNothing(field.type, member, extent)) set[element] = inner
    }
  }
  const strangers = strangersOf(node, value)
  if (strangers.length > 0)
    for (const name of strangers.toSorted()) set[`f:${name}`] = selfAnd(below(strangerNode, value[name], within(extent)))
  return set
}

function ofMap({ value: node }: Of<'map'>, value: Values, extent: Extent): FieldSet {
  const set: MutableSet = {}
  const names = Object.keys(value)
  for (const name of names.length > 1 ? names.sort() : names) {
    const member = value[name]
    set[`f:${name}`] = typeof member === 'object' ? selfAnd(below(node, member, within(extent))) : leaf
  }
  return set
}

function ofList(shape: Of<'list'>, value: readonly unknown[], extent: Extent): FieldSet {
  const set: MutableSet = {}
  for (const item of value) {
    const element = itemElement(shape, item)
    // Of several with one name nobody can say which one is meant: together they are one value.
    if (element !== undefined) set[element] = set[element] === undefined ? selfAnd(below(shape.list.item, item, within(extent))) : leaf
  }
  return inOrder(set)
}

/** As `sorted` has it: the text of a new object's fields is compared with that of later ones. */
function inOrder(set: MutableSet): FieldSet {
  const elements = Object.keys(set)
  if (elements.every((element, i) => i === 0 || (elements[i - 1] ?? '') < element)) return set
  const ordered: MutableSet = {}
  for (const element of elements.sort()) ordered[element] = set[element] ?? leaf
  return ordered
}

const selfAnd = (members: FieldSet): FieldSet => (isEmpty(members) ? leaf : { '.': leaf, ...members })

const within = (extent: Extent): Extent => (extent === 'there' ? 'new' : extent)

/** A list that may have items and has none is nobody's, nor is what is there in every object and is empty. */
const isNothing = (node: TypeNode, value: object, extent: Extent): boolean =>
  (Array.isArray(value) || extent === 'there') && Object.keys(value).length === 0 && shapeOf(node, value).type !== 'one'

/** A field may be called like something that every object inherits. */
const isOwn = (value: Values, name: string): boolean =>
  typeof value[name] !== 'function' && (name !== '__proto__' || Object.hasOwn(value, name))
