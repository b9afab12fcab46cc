import type { Field, TypeNode } from '@bramble/shared/schema/type-node.ts'
import type { Json } from '../../../hub/src/apiserver/testing/api.ts'

export type Path = readonly (string | number)[]

/** A field that is in a value, or may be. */
export type FoundField = { readonly path: Path; readonly field: Field }

/** Each field of the type, in each struct that is in the value. What pods are is tried with a Pod. */
export function fieldsIn(node: TypeNode, value: Json, path: Path = []): FoundField[] {
  if (node.tag === 'list') return value.flatMap((item: Json, i: number) => fieldsIn(node.item, item, [...path, i]))
  if (node.tag !== 'object') return []
  const isOfTemplate = node.typeName === 'PodSpec' && path.length > 1
  return [...node.fields.values()].flatMap((field) => {
    const at = [...path, field.name]
    const within = value[field.name] === undefined || isOfTemplate ? [] : fieldsIn(field.type, value[field.name], at)
    return [{ path: at, field }, ...within]
  })
}

/** A copy with that value there; of `undefined` without the field. */
export function changed(object: Json, path: Path, value: unknown): Json {
  const copy = structuredClone(object)
  const parent = path.slice(0, -1).reduce((at, part) => at[part], copy)
  const last = path.at(-1) ?? ''
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return copy
}

export const valueAt = (object: Json, path: Path): Json => path.reduce((at, part) => at?.[part], object)

/** `spec.containers[0].name`, as the server names it. */
export const textOf = (path: Path): string =>
  path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '')

const values: readonly unknown[] = [
  ...[undefined, null, '', [], {}, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300, 'x', 'Ä b', 'x'.repeat(300), true],
  ...[[null], [{}], { x: 'y' }, { '': '' }, { 'bad key!': 'x' }, { x: 1 }, { x: null }, { x: {} }, [[]], ['', ''], [1]],
]

/** What to put in the place of a value: nothing, nothing of each type, too much, and of a list everything twice. */
export const mutationsOf = (before: unknown): readonly unknown[] =>
  Array.isArray(before) && before.length > 0 ? [...values, [...before, ...before]] : values

/** In JSON one of several things, of which the rules of definitions tell. */
const manifold = new Set(['JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray', 'JSON'])
export const isManifold = (type: TypeNode): boolean => type.tag === 'object' && (manifold.has(type.typeName) || type.plain)

/** Whether Go's decoder refuses the value, or one in it, for its type. A null is the zero of every type. */
export function isWrongType(type: TypeNode, value: unknown): boolean {
  if (value === undefined || value === null || isManifold(type)) return false
  switch (type.tag) {
    case 'any':
      return false
    case 'list':
      return !Array.isArray(value) || value.some((item) => isWrongType(type.item, item))
    case 'map':
      return !isStruct(value) || Object.values(value).some((entry) => isWrongType(type.value, entry))
    case 'object':
      return !isStruct(value) || Object.entries(value).some(([key, entry]) => isWrongMember(type.fields.get(key), entry))
    case 'scalar':
      return !isScalar(type, value)
    default:
      return type satisfies never
  }
}

const isWrongMember = (field: Field | undefined, value: unknown): boolean => field !== undefined && isWrongType(field.type, value)

const isStruct = (value: unknown): value is object => typeof value === 'object' && !Array.isArray(value)

function isScalar({ type, format }: TypeNode & { readonly tag: 'scalar' }, value: unknown): boolean {
  const isInt32 = Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31
  switch (format) {
    case 'int32':
      return isInt32
    case 'int64':
      return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63
    case 'int-or-string':
      return isInt32 || typeof value === 'string'
    case 'quantity':
      return typeof value === 'number' || (typeof value === 'string' && /^\d+[KMG]?i?$/.test(value))
    case 'time':
    case 'micro-time':
      return false
    case 'bytes':
      // Bytes may be numbers, too, where a null is a zero; 300 letters are whole groups of four.
      if (Array.isArray(value)) return value.every((item) => item === null || typeof item === 'number')
      return typeof value === 'string' && value.length % 4 === 0 && /^\w*$/.test(value)
    case 'double':
      return typeof value === 'number'
    case undefined:
      return typeof value === type
    default:
      return format satisfies never
  }
}
