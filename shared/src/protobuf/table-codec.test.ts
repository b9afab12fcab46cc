import { describe, expect, it } from 'vitest'
import { createCodec } from './table-codec.ts'

const codec = createCodec({
  messages: {
    Leaf: { name: [1, 'string'], size: [2, 'uint64'] },
    All: {
      text: [1, 'string'],
      flag: [2, 'bool'],
      small: [3, 'int32'],
      big: [4, 'int64'],
      huge: [5, 'uint64'],
      ratio: [6, 'double'],
      half: [7, 'float'],
      raw: [8, 'bytes'],
      state: [9, 'State'],
      leaf: [10, 'Leaf'],
      leaves: [11, 'repeated Leaf'],
      names: [12, 'repeated string'],
      numbers: [13, 'repeated int64'],
      labels: [14, 'map<string, string>'],
      byId: [15, 'map<int32,Leaf>'],
      unsigned: [16, 'uint32'],
    },
    Newer: { text: [1, 'string'], extra: [99, 'Leaf'], more: [100, 'double'] },
    Nested: { next: [1, 'Nested'] },
  },
  enums: { State: { READY: 0, NOTREADY: 1 } },
})

describe('a codec made from a table', () => {
  it('gives back what it was given', () => {
    const value = {
      text: 'Grüße 🌱',
      flag: true,
      small: -7,
      big: -(2 ** 53) + 1,
      huge: 18446744073709551615n,
      ratio: 0.1,
      half: 0.5,
      raw: new Uint8Array([0, 255]),
      state: 'NOTREADY',
      leaf: { name: 'a', size: 1 },
      leaves: [
        { name: 'b', size: 300 },
        { name: '', size: 0 },
      ],
      names: ['', 'x'],
      numbers: [0, -1, 1_700_000_000_000_000_000n, 2 ** 31, 2 ** 40],
      labels: { app: 'web', __proto__x: '' },
      byId: { 7: { name: 'seven', size: 0 } },
      unsigned: 4294967295,
    }
    expect(codec.decode('All', codec.encode('All', value))).toEqual(value)
  })

  it('fills what is absent with the defaults of proto3', () => {
    expect(codec.decode('All', new Uint8Array())).toEqual({
      text: '',
      flag: false,
      small: 0,
      big: 0,
      huge: 0,
      ratio: 0,
      half: 0,
      raw: new Uint8Array(),
      state: 'READY',
      leaf: undefined,
      leaves: [],
      names: [],
      numbers: [],
      labels: {},
      byId: {},
      unsigned: 0,
    })
  })

  it('writes no default of a scalar, but an empty message', () => {
    expect(codec.encode('All', { text: '', small: 0, state: 'READY', flag: false, raw: new Uint8Array() })).toHaveLength(0)
    expect([...codec.encode('All', { leaf: {} })]).toEqual([0x52, 0])
  })

  it('skips fields it does not know', () => {
    const bytes = codec.encode('Newer', { text: 'hi', extra: { name: 'x', size: 5 }, more: 1.5 })
    expect(codec.decode('All', bytes)).toMatchObject({ text: 'hi' })
  })

  it('reads a repeated number unpacked as well as packed', () => {
    expect(codec.decode('All', new Uint8Array([0x68, 1, 0x68, 2])).numbers).toEqual([1, 2])
    expect(codec.decode('All', new Uint8Array([0x6a, 2, 1, 2])).numbers).toEqual([1, 2])
  })

  it('keeps the number of an enum value that has no name', () => {
    expect(codec.decode('All', new Uint8Array([0x48, 9])).state).toBe(9)
  })

  it('treats __proto__ as a key like any other', () => {
    const labels = JSON.parse('{"__proto__":"x"}') as object
    const decoded = codec.decode('All', codec.encode('All', { labels })).labels as object
    expect(Object.keys(decoded)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
  })

  it.each([
    ['a string longer than the message', [0x0a, 9, 65], 'longer than what is left'],
    ['a field cut off', [0x18], 'ends in the middle of a field'],
    ['a varint without an end', [0x18, ...Array<number>(11).fill(0x80)], 'longer than 10 bytes'],
    ['a wrong wire type', [0x08, 1], 'wire type 0 instead of 2'],
    ['bytes that are not UTF-8', [0x0a, 1, 0xff], 'not valid UTF-8'],
    ['field number zero', [0x02, 0], 'no field has the tag'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => codec.decode('All', new Uint8Array(bytes))).toThrow(message)
  })

  it('refuses messages nested without end', () => {
    let bytes = new Uint8Array()
    for (let depth = 0; depth < 150; depth++) bytes = new Uint8Array([0x0a, ...varint(bytes.length), ...bytes])
    expect(() => codec.decode('Nested', bytes)).toThrow('nested deeper')
  })

  it('names a field or an enum value that the table lacks', () => {
    expect(() => codec.encode('Leaf', { nme: 'x' })).toThrow('Leaf has no field nme')
    expect(() => codec.encode('All', { state: 'GONE' })).toThrow('the enum State has no value GONE')
  })
})

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)])
