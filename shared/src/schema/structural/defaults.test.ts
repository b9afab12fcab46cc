import { expect, it } from 'vitest'
import { withDefaults } from './defaults.ts'
import type { JsonSchema } from './json-schema.ts'

const schema: JsonSchema = {
  type: 'object',
  properties: {
    size: { type: 'integer', default: 1 },
    maybe: { type: 'string', nullable: true, default: 'x' },
    plain: { type: 'string' },
    nested: { type: 'object', default: {}, properties: { deep: { type: 'boolean', default: false } } },
    absent: { type: 'object', properties: { deep: { type: 'boolean', default: true } } },
    list: { type: 'array', items: { type: 'object', properties: { port: { type: 'integer', default: 80 } } } },
    map: { type: 'object', additionalProperties: { type: 'object', properties: { on: { type: 'boolean', default: true } } } },
    none: { type: 'string', nullable: true, default: null },
  },
}

it.each<[string, object, object]>([
  ['what is not there', {}, { size: 1, maybe: 'x', nested: { deep: false } }],
  ['a null that stands for nothing', { size: null, plain: null }, { size: 1, maybe: 'x', nested: { deep: false } }],
  ['a null that is a value', { maybe: null }, { size: 1, maybe: null, nested: { deep: false } }],
  ['zeros', { size: 0, maybe: '', nested: { deep: true } }, { size: 0, maybe: '', nested: { deep: true } }],
  [
    'members',
    { list: [{}, { port: 1 }], map: { a: {}, b: null } },
    { size: 1, maybe: 'x', nested: { deep: false }, list: [{ port: 80 }, { port: 1 }], map: { a: { on: true } } },
  ],
  ['what is of another type', { nested: 3, list: 'x' }, { size: 1, maybe: 'x', nested: 3, list: 'x' }],
])('%s', (_what, value, expected) => {
  const before = JSON.stringify(value)
  expect(withDefaults(schema, value)).toEqual(expected)
  expect(JSON.stringify(value)).toBe(before)
})

it('each object has defaults of its own', () => {
  const [one, other] = [withDefaults(schema, {}), withDefaults(schema, {})] as { nested: { deep: boolean } }[]
  if (one !== undefined) one.nested.deep = true
  expect(other?.nested.deep).toBe(false)
})

it('what defaults make of an object is bounded, in parts and in characters', () => {
  const items = (preset: unknown): JsonSchema => ({
    type: 'array',
    items: { type: 'object', properties: { a: { 'x-kubernetes-preserve-unknown-fields': true, default: preset } } },
  })
  const empty = Array.from({ length: 5000 }, () => ({}))
  const large = Array.from({ length: 500 }, () => 1)
  expect(() => withDefaults(items(large), empty, 'spec')).toThrow('it has more than 30000 parts')
  expect(() => withDefaults(items('x'.repeat(10_000)), empty, 'spec')).toThrow('3670016 characters of defaults')
  expect(() => withDefaults(items(''), [{ a: 'x'.repeat(5_000_000) }], 'spec')).not.toThrow()
})
