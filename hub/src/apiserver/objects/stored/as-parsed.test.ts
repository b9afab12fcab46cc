import type { KubeObject } from '@bramble/shared/api/client.ts'
import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { kinds } from '@bramble/shared/kinds.ts'
import { apiVersionOf } from '@bramble/shared/schema/kind.ts'
import { expect, it } from 'vitest'
import { deepFreeze } from '../../json.ts'
import { exampleOf } from '../../testing/examples.ts'
import { asParsed } from './as-parsed.ts'
import { storageCodec } from './storage-codec.ts'

const odd: readonly (readonly [string, unknown])[] = [
  ['nothing', {}],
  ['members that are undefined', { a: undefined, b: { c: undefined }, d: [undefined, { e: undefined }] }],
  ['names that look like numbers', { b: 1, 10: 2, 9: { z: 1, '007': 2, 3: undefined }, '-1': 3 }],
  ['a name that objects inherit', Object.defineProperty({ a: undefined }, '__proto__', { value: { constructor: -0 }, enumerable: true })],
  ['zeros', [0, -0, { a: -0, b: [-0] }]],
  ['integers beyond a number', [2n ** 60n, -(2n ** 63n), Number.MAX_SAFE_INTEGER]],
  ['numbers that are as large', [2 ** 53, -(2 ** 60), 1e20, 1e21, 1.5e300, 0.1]],
  ['small integers beside large ones', { a: 2n ** 60n, b: 5n, c: 0n }],
  ['no numbers at all', [NaN, Infinity, { a: -Infinity }]],
  ['what is frozen beside what is not', { a: deepFreeze({ b: [1, { c: '' }] }), d: { e: undefined, f: null } }],
  ['texts', ['', '-0', '"\\', '12345678901234567890', '\ud800', 'é']],
]

it.each(odd)('%s: as read from the text', (_what, value) => {
  const read = asParsed(value)
  expect(read).toStrictEqual(parseExactJson(exactJson(value)))
  expect(exactJson(read)).toBe(exactJson(value))
})

it('what says the same as its text is not copied', () => {
  const value = { a: [1, { b: 'x' }], c: { d: null, e: true } }
  expect(asParsed(value)).toBe(value)
  const changed = asParsed({ ...value, f: undefined })
  expect(changed.a).toBe(value.a)
})

it.each(kinds.map((kind) => [`${apiVersionOf(kind)} ${kind.kind}`, kind] as const))('%s is read as from its text', (_name, kind) => {
  const codec = storageCodec(kind)
  for (const [, value] of odd) {
    const example = exampleOf(kind, 'a')
    const metadata = { ...example.metadata, uid: undefined, resourceVersion: '7', managedFields: [], labels: { 2: 'b', 1: 'a' } }
    const object = { ...example, metadata, status: value, 5: value } as KubeObject
    const text = codec.encode(object, '[{"manager":"me"}]')
    const read = codec.asRead(object, 8)
    if (read !== undefined) expect(read).toStrictEqual(codec.objectOf(text, 8))
  }
})
