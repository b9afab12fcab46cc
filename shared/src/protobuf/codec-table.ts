import { isScalarName, type ScalarName, scalars } from './scalars.ts'
import type { WireType } from './wire.ts'

/**
 * Messages of a proto3 file as plain data: `{ Image: { size: [2, 'uint64'], names: [3, 'repeated string'], labels: [4, 'map<string,string>'] } }`.
 * A type is a scalar, `bytes`, the name of a message or of an enum, or `repeated`/`map<,>` of such.
 */
export type CodecTable = {
  readonly messages: Readonly<Record<string, Readonly<Record<string, readonly (number | string)[]>>>>
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>
}

type ScalarType = { readonly tag: 'scalar'; readonly name: ScalarName }
type EnumType = {
  readonly tag: 'enum'
  readonly name: string
  readonly numbers: Readonly<Record<string, number>>
  readonly names: ReadonlyMap<number, string>
}
export type ValueType = ScalarType | EnumType | { readonly tag: 'message'; readonly name: string }
export type Field = { readonly name: string; readonly number: number; readonly type: ValueType } & (
  | { readonly cardinality: 'one' | 'repeated' }
  | { readonly cardinality: 'map'; readonly key: ScalarType }
)
export type Message = {
  readonly name: string
  readonly byName: ReadonlyMap<string, Field>
  readonly byNumber: ReadonlyMap<number, Field>
  readonly empty: () => Record<string, unknown>
}

/** The messages of a table by their names, each read when it is first asked for. */
export function readTable(table: CodecTable): (type: string) => Message {
  const messages = new Map<string, Message>()
  return (type) => {
    let message = messages.get(type)
    if (message === undefined) {
      const fields = table.messages[type]
      if (fields === undefined) throw new Error(`the table has no message ${type}`)
      messages.set(type, (message = readMessage(type, fields, table)))
    }
    return message
  }
}

function readMessage(name: string, fields: CodecTable['messages'][string], table: CodecTable): Message {
  const all = Object.entries(fields).map(([field, [number, notation]]) =>
    readField({ where: `${name}.${field}`, table }, { name: field, number: Number(number) }, String(notation)),
  )
  return {
    name,
    byName: new Map(all.map((field) => [field.name, field])),
    byNumber: new Map(all.map((field) => [field.number, field])),
    empty: () => Object.fromEntries(all.map((field) => [field.name, emptyOf(field)])),
  }
}

type Reading = { readonly where: string; readonly table: CodecTable }

function readField(reading: Reading, field: { readonly name: string; readonly number: number }, notation: string): Field {
  const map = /^map<\s*(\w+)\s*,\s*([\w.]+)\s*>$/.exec(notation)
  if (map !== null) {
    const key = readType(reading, map[1] ?? '')
    if (key.tag !== 'scalar') throw new Error(`${reading.where}: a map's key is a scalar, not ${map[1]}`)
    return { ...field, cardinality: 'map', key, type: readType(reading, map[2] ?? '') }
  }
  if (notation.startsWith('repeated ')) return { ...field, cardinality: 'repeated', type: readType(reading, notation.slice(9).trim()) }
  return { ...field, cardinality: 'one', type: readType(reading, notation) }
}

function readType({ where, table }: Reading, notation: string): ValueType {
  if (isScalarName(notation)) return { tag: 'scalar', name: notation }
  const numbers = table.enums[notation]
  if (numbers !== undefined)
    return { tag: 'enum', name: notation, numbers, names: new Map(Object.entries(numbers).map(([name, value]) => [value, name])) }
  if (table.messages[notation] !== undefined) return { tag: 'message', name: notation }
  throw new Error(`${where}: ${notation} is no scalar, enum or message of the table`)
}

const emptyOf = (field: Field): unknown => {
  switch (field.cardinality) {
    case 'repeated':
      return []
    case 'map':
      return {}
    case 'one':
      return zeroOf(field.type)
    default:
      return field satisfies never
  }
}

export function zeroOf(type: ValueType): unknown {
  if (type.tag === 'message') return undefined
  return type.tag === 'enum' ? (type.names.get(0) ?? 0) : scalars[type.name].zero()
}

export const isZero = (type: ValueType, value: unknown): boolean =>
  value === 0 ||
  value === '' ||
  value === false ||
  value === 0n ||
  (type.tag === 'enum' && enumNumber(type, value) === 0) ||
  (value instanceof Uint8Array && value.length === 0)

export function enumNumber({ name, numbers }: EnumType, value: unknown): number {
  const number = typeof value === 'number' ? value : numbers[String(value)]
  if (number === undefined) throw new Error(`the enum ${name} has no value ${String(value)}`)
  return number
}

/** Whether many of it may stand in one frame. */
export const isPackable = (type: ValueType): boolean => type.tag !== 'message' && wireTypeOf(type) !== 2

export function wireTypeOf(type: ValueType): WireType {
  if (type.tag === 'message') return 2
  return type.tag === 'enum' ? 0 : scalars[type.name].wireType
}
