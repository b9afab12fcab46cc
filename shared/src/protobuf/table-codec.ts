import { maxWireDepth, WireError, WireReader, WireWriter, type WireType } from './wire.ts'

/**
 * Messages of a proto3 file as plain data: `{ Image: { size: [2, 'uint64'], names: [3, 'repeated string'], labels: [4, 'map<string,string>'] } }`.
 * A type is a scalar, `bytes`, the name of a message or of an enum, or `repeated`/`map<,>` of such.
 */
export type CodecTable = {
  readonly messages: Readonly<Record<string, Readonly<Record<string, readonly (number | string)[]>>>>
  readonly enums: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/**
 * Messages to and from plain objects. Decoding fills what is absent with proto3's defaults (`''`, 0, false, `[]`, `{}`, the enum's zero
 * name; an absent message stays undefined) and skips fields it does not know. A 64-bit integer is a number where that is exact, else a
 * bigint; an enum value without a name stays its number.
 */
export type Codec = {
  encode(type: string, value: object): Uint8Array
  decode(type: string, bytes: Uint8Array): Record<string, unknown>
}

export function createCodec(table: CodecTable): Codec {
  const compiled = new Map<string, Message>()
  const messageOf = (type: string): Message => {
    let message = compiled.get(type)
    if (message === undefined) {
      const fields = table.messages[type]
      if (fields === undefined) throw new Error(`the table has no message ${type}`)
      message = compile(type, fields, table)
      compiled.set(type, message)
    }
    return message
  }

  const encodeMessage = (message: Message, value: Readonly<Record<string, unknown>>, writer: WireWriter): void => {
    for (const key of Object.keys(value)) {
      const given = value[key]
      if (given === undefined || given === null) continue
      const field = message.byName.get(key)
      if (field === undefined) throw new Error(`${message.name} has no field ${key}`)
      encodeField(field, given, writer)
    }
  }

  const encodeField = (field: Field, value: unknown, writer: WireWriter): void => {
    const { number, type } = field
    switch (field.cardinality) {
      case 'one':
        if (type.tag !== 'message' && isZero(type, value)) return
        writer.tag(number, wireTypeOf(type))
        encodeValue(type, value, writer)
        return
      case 'repeated': {
        const items = value as readonly unknown[] // the table says so
        if (items.length === 0) return
        if (isPackable(type)) {
          writer.tag(number, 2)
          writer.message(() => {
            for (const item of items) encodeValue(type, item, writer)
          })
          return
        }
        for (const item of items) {
          writer.tag(number, wireTypeOf(type))
          encodeValue(type, item, writer)
        }
        return
      }
      case 'map':
        for (const [key, item] of Object.entries(value as object)) {
          writer.tag(number, 2)
          writer.message(() => {
            writer.tag(1, wireTypeOf(field.key))
            encodeValue(field.key, field.key.name === 'bool' ? key === 'true' : field.key.name === 'string' ? key : BigInt(key), writer)
            writer.tag(2, wireTypeOf(type))
            encodeValue(type, item, writer)
          })
        }
        return
      default:
        field satisfies never
    }
  }

  const encodeValue = (type: ValueType, value: unknown, writer: WireWriter): void => {
    switch (type.tag) {
      case 'scalar':
        writeScalar(type.name, value, writer)
        return
      case 'enum':
        writer.int32(enumNumber(type, value))
        return
      case 'message':
        writer.message(() => encodeMessage(messageOf(type.name), value as Record<string, unknown>, writer))
        return
      default:
        throw new Error('unreachable', { cause: type satisfies never })
    }
  }

  const decodeMessage = (message: Message, reader: WireReader, depth: number): Record<string, unknown> => {
    if (depth > maxWireDepth) throw new WireError(`messages are nested deeper than ${maxWireDepth}`)
    const value = message.empty()
    while (!reader.done) {
      const tag = reader.tag()
      const field = message.byNumber.get(tag.field)
      if (field === undefined) reader.skip(tag)
      else decodeField(field, tag.wireType, value, reader, depth)
    }
    return value
  }

  const decodeField = (field: Field, wireType: WireType, value: Record<string, unknown>, reader: WireReader, depth: number): void => {
    const { name, number, type } = field
    switch (field.cardinality) {
      case 'one': {
        expectWireType(field, wireType, wireTypeOf(type))
        value[name] = decodeValue(type, reader, depth)
        return
      }
      case 'repeated': {
        const items = value[name] as unknown[] // made by `empty`
        if (wireType === 2 && isPackable(type)) {
          const packed = reader.message()
          while (!packed.done) items.push(decodeValue(type, packed, depth))
          return
        }
        expectWireType(field, wireType, wireTypeOf(type))
        items.push(decodeValue(type, reader, depth))
        return
      }
      case 'map': {
        expectWireType(field, wireType, 2)
        const entry = reader.message()
        let key: unknown = zeroOf(field.key)
        let item: unknown = type.tag === 'message' ? messageOf(type.name).empty() : zeroOf(type)
        while (!entry.done) {
          const tag = entry.tag()
          if (tag.field === 1 && tag.wireType === wireTypeOf(field.key)) key = decodeValue(field.key, entry, depth)
          else if (tag.field === 2 && tag.wireType === wireTypeOf(type)) item = decodeValue(type, entry, depth)
          else entry.skip(tag)
        }
        // Defined, not assigned: `__proto__` is a key like any other.
        Object.defineProperty(value[name], String(key), { value: item, enumerable: true, configurable: true, writable: true })
        return
      }
      default:
        throw new Error(`field ${number} has no cardinality`, { cause: field satisfies never })
    }
  }

  const decodeValue = (type: ValueType, reader: WireReader, depth: number): unknown => {
    switch (type.tag) {
      case 'scalar':
        return readScalar(type.name, reader)
      case 'enum': {
        const number = reader.int32()
        return type.names.get(number) ?? number
      }
      case 'message':
        return decodeMessage(messageOf(type.name), reader.message(), depth + 1)
      default:
        return type satisfies never
    }
  }

  return {
    encode(type, value) {
      const writer = new WireWriter()
      encodeMessage(messageOf(type), value as Record<string, unknown>, writer)
      return writer.finish()
    },
    decode: (type, bytes) => decodeMessage(messageOf(type), new WireReader(bytes), 0),
  }
}

const scalarNames = ['string', 'bytes', 'bool', 'int32', 'uint32', 'fixed32', 'int64', 'uint64', 'fixed64', 'float', 'double'] as const
type ScalarName = (typeof scalarNames)[number]

type ScalarType = { readonly tag: 'scalar'; readonly name: ScalarName }
type EnumType = {
  readonly tag: 'enum'
  readonly name: string
  readonly numbers: Readonly<Record<string, number>>
  readonly names: ReadonlyMap<number, string>
}
type ValueType = ScalarType | EnumType | { readonly tag: 'message'; readonly name: string }
type Field = { readonly name: string; readonly number: number; readonly type: ValueType } & (
  | { readonly cardinality: 'one' | 'repeated' }
  | { readonly cardinality: 'map'; readonly key: ScalarType }
)
type Message = {
  readonly name: string
  readonly byName: ReadonlyMap<string, Field>
  readonly byNumber: ReadonlyMap<number, Field>
  readonly empty: () => Record<string, unknown>
}

function compile(name: string, fields: CodecTable['messages'][string], table: CodecTable): Message {
  const all = Object.entries(fields).map(([field, [number, notation]]) =>
    parseField(`${name}.${field}`, field, Number(number), String(notation), table),
  )
  return {
    name,
    byName: new Map(all.map((field) => [field.name, field])),
    byNumber: new Map(all.map((field) => [field.number, field])),
    empty: () => Object.fromEntries(all.map((field) => [field.name, emptyOf(field)])),
  }
}

function parseField(where: string, name: string, number: number, notation: string, table: CodecTable): Field {
  const map = /^map<\s*(\w+)\s*,\s*([\w.]+)\s*>$/.exec(notation)
  if (map !== null) {
    const key = parseType(where, map[1] ?? '', table)
    if (key.tag !== 'scalar') throw new Error(`${where}: a map's key is a scalar, not ${map[1]}`)
    return { name, number, cardinality: 'map', key, type: parseType(where, map[2] ?? '', table) }
  }
  if (notation.startsWith('repeated '))
    return { name, number, cardinality: 'repeated', type: parseType(where, notation.slice(9).trim(), table) }
  return { name, number, cardinality: 'one', type: parseType(where, notation, table) }
}

function parseType(where: string, notation: string, table: CodecTable): ValueType {
  if (isScalarName(notation)) return { tag: 'scalar', name: notation }
  const numbers = table.enums[notation]
  if (numbers !== undefined)
    return { tag: 'enum', name: notation, numbers, names: new Map(Object.entries(numbers).map(([name, value]) => [value, name])) }
  if (table.messages[notation] !== undefined) return { tag: 'message', name: notation }
  throw new Error(`${where}: ${notation} is no scalar, enum or message of the table`)
}

const isScalarName = (name: string): name is ScalarName => (scalarNames as readonly string[]).includes(name)

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

function zeroOf(type: ValueType): unknown {
  if (type.tag === 'message') return undefined
  if (type.tag === 'enum') return type.names.get(0) ?? 0
  if (type.name === 'string') return ''
  if (type.name === 'bool') return false
  if (type.name === 'bytes') return new Uint8Array()
  return 0
}

const isZero = (type: ValueType, value: unknown): boolean =>
  value === 0 ||
  value === '' ||
  value === false ||
  value === 0n ||
  (type.tag === 'enum' && enumNumber(type, value) === 0) ||
  (value instanceof Uint8Array && value.length === 0)

function enumNumber({ name, numbers }: EnumType, value: unknown): number {
  const number = typeof value === 'number' ? value : numbers[String(value)]
  if (number === undefined) throw new Error(`the enum ${name} has no value ${String(value)}`)
  return number
}

const isPackable = (type: ValueType): boolean =>
  type.tag === 'enum' || (type.tag === 'scalar' && type.name !== 'string' && type.name !== 'bytes')

function wireTypeOf(type: ValueType): WireType {
  if (type.tag === 'message') return 2
  if (type.tag === 'enum') return 0
  switch (type.name) {
    case 'string':
    case 'bytes':
      return 2
    case 'fixed32':
    case 'float':
      return 5
    case 'fixed64':
    case 'double':
      return 1
    default:
      return 0
  }
}

function expectWireType({ name, number }: Field, seen: WireType, wanted: WireType): void {
  if (seen !== wanted) throw new WireError(`field ${number} (${name}) has wire type ${seen} instead of ${wanted}`)
}

function writeScalar(name: ScalarName, value: unknown, writer: WireWriter): void {
  switch (name) {
    case 'string':
      writer.string(String(value))
      return
    case 'bytes':
      writer.bytes(value as Uint8Array)
      return
    case 'bool':
      writer.bool(Boolean(value))
      return
    case 'int32':
      writer.int32(Number(value))
      return
    case 'uint32':
      writer.uint32(Number(value))
      return
    case 'fixed32':
      writer.fixed32(Number(value))
      return
    case 'int64':
    case 'uint64':
      writer.int64(integer(value))
      return
    case 'fixed64':
      writer.fixed64(integer(value))
      return
    case 'float':
      writer.float(Number(value))
      return
    case 'double':
      writer.double(Number(value))
      return
    default:
      name satisfies never
  }
}

const integer = (value: unknown): number | bigint =>
  typeof value === 'bigint' ? value : typeof value === 'string' ? BigInt(value) : Math.trunc(Number(value))

function readScalar(name: ScalarName, reader: WireReader): unknown {
  switch (name) {
    case 'string':
      return reader.string()
    case 'bytes':
      return reader.bytes().slice()
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'uint32':
      return reader.uint32()
    case 'fixed32':
      return reader.fixed32()
    case 'int64':
      return reader.int64()
    case 'uint64':
      return reader.uint64()
    case 'fixed64':
      return reader.fixed64()
    case 'float':
      return reader.float()
    case 'double':
      return reader.double()
    default:
      return name satisfies never
  }
}
