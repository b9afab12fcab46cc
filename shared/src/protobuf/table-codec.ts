import {
  type CodecTable,
  enumNumber,
  type Field,
  isPackable,
  isZero,
  type Message,
  readTable,
  type ValueType,
  wireTypeOf,
  zeroOf,
} from './codec-table.ts'
import { scalars } from './scalars.ts'
import { maxWireDepth, WireError, type WireType } from './wire.ts'
import { WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

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
  const messageOf = readTable(table)

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
        scalars[type.name].write(writer, value)
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
        return scalars[type.name].read(reader)
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

function expectWireType({ name, number }: Field, seen: WireType, wanted: WireType): void {
  if (seen !== wanted) throw new WireError(`field ${number} (${name}) has wire type ${seen} instead of ${wanted}`)
}
