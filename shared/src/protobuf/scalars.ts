import type { WireType } from './wire.ts'
import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

type Scalar = {
  /** How it is framed when it stands alone. */
  readonly wireType: WireType
  readonly zero: () => unknown
  readonly write: (writer: WireWriter, value: unknown) => void
  readonly read: (reader: WireReader) => unknown
}

const number = (wireType: WireType, write: Scalar['write'], read: Scalar['read']): Scalar => ({ wireType, zero: () => 0, write, read })

/** The scalar types of proto3 that our tables use. */
export const scalars = {
  string: { wireType: 2, zero: () => '', write: (to, value) => to.string(String(value)), read: (from) => from.string() },
  bytes: {
    wireType: 2,
    zero: () => new Uint8Array(),
    write: (to, value) => to.bytes(value as Uint8Array), // the table says so
    read: (from) => from.bytes().slice(),
  },
  bool: { wireType: 0, zero: () => false, write: (to, value) => to.bool(Boolean(value)), read: (from) => from.bool() },
  int32: number(
    0,
    (to, value) => to.int32(Number(value)),
    (from) => from.int32(),
  ),
  uint32: number(
    0,
    (to, value) => to.uint32(Number(value)),
    (from) => from.uint32(),
  ),
  int64: number(
    0,
    (to, value) => to.int64(integer(value)),
    (from) => from.int64(),
  ),
  uint64: number(
    0,
    (to, value) => to.int64(integer(value)),
    (from) => from.uint64(),
  ),
  fixed32: number(
    5,
    (to, value) => to.fixed32(Number(value)),
    (from) => from.fixed32(),
  ),
  fixed64: number(
    1,
    (to, value) => to.fixed64(integer(value)),
    (from) => from.fixed64(),
  ),
  float: number(
    5,
    (to, value) => to.float(Number(value)),
    (from) => from.float(),
  ),
  double: number(
    1,
    (to, value) => to.double(Number(value)),
    (from) => from.double(),
  ),
} as const satisfies Readonly<Record<string, Scalar>>

export type ScalarName = keyof typeof scalars

export const isScalarName = (name: string): name is ScalarName => Object.hasOwn(scalars, name)

const integer = (value: unknown): number | bigint =>
  typeof value === 'bigint' ? value : typeof value === 'string' ? BigInt(value) : Math.trunc(Number(value))
