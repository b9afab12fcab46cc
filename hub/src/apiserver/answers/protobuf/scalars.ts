import type { ScalarNode } from '@bramble/shared/schema/type-node.ts'
import type { WireWriter } from '@bramble/shared/protobuf/wire-writer.ts'
import { inMessage, type Written } from './written.ts'

/** How a scalar is written; those that Go has types for are messages of their own. */
export function scalarWriter({ type, format }: ScalarNode): Written {
  switch (format) {
    case 'quantity':
      return inMessage((writer, value) => {
        writer.tag(1, 2)
        writer.string(textOf(value))
      })
    case 'int-or-string':
      return inMessage((writer, value) => {
        const isText = typeof value === 'string'
        writer.tag(1, 0)
        writer.uint32(isText ? 1 : 0)
        writer.tag(2, 0)
        writer.int64(isText ? 0 : integerOf(value))
        writer.tag(3, 2)
        writer.string(isText ? value : '')
      })
    case 'time':
    case 'micro-time':
      return inMessage(writeTime)
    case 'bytes':
      return { wireType: 2, write: (writer, value) => writer.bytes(Buffer.from(textOf(value), 'base64')) }
    case 'double':
      return { wireType: 1, write: (writer, value) => writer.double(Number(value)) }
    default:
      if (type === 'string') return { wireType: 2, write: (writer, value) => writer.string(textOf(value)) }
      if (type === 'boolean') return { wireType: 0, write: (writer, value) => writer.bool(value === true) }
      return { wireType: 0, write: (writer, value) => writer.int64(integerOf(value)) }
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'object' ? '' : String(value))

function integerOf(value: unknown): number | bigint {
  if (typeof value === 'bigint') return value
  const number = Math.trunc(Number(value))
  return Number.isSafeInteger(number) ? number : 0
}

/** `2026-11-27T08:00:00.123456Z`; what is no time is the zero time. */
function writeTime(writer: WireWriter, value: unknown): void {
  const text = textOf(value)
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) return
  writer.tag(1, 0)
  writer.int64(Math.floor(ms / 1000))
  const fraction = text.charCodeAt(19) === 0x2e ? /^\d+/.exec(text.slice(20, 29))?.[0] : undefined
  if (fraction === undefined) return
  writer.tag(2, 0)
  writer.uint32(Number(fraction.padEnd(9, '0')))
}
