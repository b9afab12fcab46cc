import { badRequest } from '@bramble/shared/api/api-error.ts'
import { parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import { WireError, type WireType } from '@bramble/shared/protobuf/wire.ts'
import type { WireReader } from '@bramble/shared/protobuf/wire-reader.ts'
import type { ScalarNode } from '@bramble/shared/schema/type-node.ts'

/** A value on the wire, and where in the object it is. */
type Leaf = { readonly reader: WireReader; readonly path: string }

/** `undefined`: one that stands for nothing, such as the zero time. */
export function readScalar({ type, format }: ScalarNode, { reader, path }: Leaf): unknown {
  switch (format) {
    case 'quantity':
      return readFirstString(reader.message())
    case 'int-or-string':
      return readIntOrString(reader.message())
    case 'time':
    case 'micro-time':
      return readTime(format, reader.message(), path)
    case 'bytes': {
      const bytes = reader.bytes()
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
    }
    case 'double':
      return reader.double()
    case 'int32':
      return reader.int32()
    default:
      if (type === 'string') return reader.string()
      if (type === 'boolean') return reader.bool()
      return reader.int64()
  }
}

/** How a scalar is framed when it stands alone. */
export function wireTypeOf({ type, format }: ScalarNode): WireType {
  if (type === 'string') return 2 // and all that is a message on the wire: quantities, times, an int-or-string
  return format === 'double' ? 1 : 0
}

function readFirstString(reader: WireReader): string {
  let text = ''
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.field === 1 && tag.wireType === 2) text = reader.string()
    else reader.skip(tag)
  }
  return text === '' ? '0' : text
}

function readIntOrString(reader: WireReader): number | string {
  let isString = false
  let int = 0
  let text = ''
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.field === 1 && tag.wireType === 0) isString = reader.int32() === 1
    else if (tag.field === 2 && tag.wireType === 0) int = reader.int32()
    else if (tag.field === 3 && tag.wireType === 2) text = reader.string()
    else reader.skip(tag)
  }
  return isString ? text : int
}

function readTime(format: 'time' | 'micro-time', reader: WireReader, path: string): string | undefined {
  let seconds: number | bigint = 0
  let nanos = 0
  while (!reader.done) {
    const tag = reader.tag()
    if (tag.field === 1 && tag.wireType === 0) seconds = reader.int64()
    else if (tag.field === 2 && tag.wireType === 0) nanos = reader.int32()
    else reader.skip(tag)
  }
  if (seconds === 0 && nanos === 0) return undefined
  // Years 1 to 9999 are what RFC 3339 can write.
  if (seconds < -62_135_596_800 || seconds > 253_402_300_799 || nanos < 0 || nanos > 999_999_999)
    throw new WireError(`${path} is no time: ${seconds} seconds and ${nanos} nanoseconds`)
  const text = formatTime(new Date(Number(seconds) * 1000))
  return format === 'time' ? text : `${text.slice(0, -1)}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z`
}

/** FieldsV1, RawExtension and JSON all carry their text as bytes in field 1. */
export function readRawJson({ reader, path }: Leaf): unknown {
  const inner = reader.message()
  let text: Uint8Array = new Uint8Array()
  while (!inner.done) {
    const tag = inner.tag()
    if (tag.field === 1 && tag.wireType === 2) text = inner.bytes()
    else inner.skip(tag)
  }
  if (text.length === 0) return undefined
  try {
    return parseExactJson(Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8'))
  } catch (error) {
    throw badRequest(`the protobuf body cannot be decoded: ${path} holds no JSON`, error)
  }
}
