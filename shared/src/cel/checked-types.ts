import * as t from './types.ts'
import { type CelType, showType } from './types.ts'
import { type Constant, typeNameOf } from './values.ts'

const ordered: ReadonlySet<string> = new Set(
  [t.int, t.uint, t.double, t.bool, t.string, t.bytes, t.duration, t.timestamp].map((type) => showType(type)),
)

/** Whether values of a type come one after the other. */
export const isOrdered = (type: CelType): boolean =>
  type.tag !== 'simple' ? type.tag === 'dyn' || type.tag === 'param' : ordered.has(type.name)

/** A signature's type with its parameters named anew. */
export function instantiate(type: CelType, fresh: (name: string) => CelType): CelType {
  switch (type.tag) {
    case 'param':
      return fresh(type.name)
    case 'list':
      return t.listOf(instantiate(type.item, fresh))
    case 'map':
      return t.mapOf(instantiate(type.key, fresh), instantiate(type.value, fresh))
    case 'optional':
      return t.optionalOf(instantiate(type.of, fresh))
    default:
      return type
  }
}

export function keep(names: Map<string, CelType>, name: string, type: CelType): CelType {
  names.set(name, type)
  return type
}

export function typeOfConstant(value: Constant): CelType {
  return { tag: 'simple', name: typeNameOf(value) }
}

export const sameShown = (a: CelType, b: CelType): boolean => a === b || showType(a, 50) === showType(b, 50)

/** As much of a name as tells which one it is. */
export const shown = (name: string): string => (name.length > 100 ? `${name.slice(0, 100)}…` : name)
