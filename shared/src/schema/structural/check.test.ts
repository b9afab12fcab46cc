import { describe, expect, it } from 'vitest'
import { valueErrors } from './check.ts'
import type { Checked } from './checked.ts'
import type { JsonSchema } from './json-schema.ts'
import { readSchema } from './read-schema.ts'

const read = (spec: JsonSchema): Checked => {
  const result = readSchema({ type: 'object', properties: { spec } })
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.checked
}
const errorsOf = (schema: JsonSchema, spec: unknown): readonly string[] =>
  valueErrors(read(schema), { spec }).map(({ field, message }) => `${field}: ${message}`)

const object = (properties: Readonly<Record<string, JsonSchema>>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
})
const text: JsonSchema = { type: 'string' }
const whole: JsonSchema = { type: 'integer' }
const list = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'array', items, ...more })

describe('what a schema does not allow is told as Kubernetes tells it', () => {
  it.each<[string, JsonSchema, unknown, readonly string[]]>([
    [
      'a text for a number',
      object({ replicas: whole }),
      { replicas: 'string' },
      ['spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"'],
    ],
    ['a number for a text', text, 3, ['spec: Invalid value: "integer": spec in body must be of type string: "integer"']],
    ['a fraction for an integer', whole, 1.5, ['spec: Invalid value: "number": spec in body must be of type integer: "number"']],
    [
      'a fraction for an int32',
      { ...whole, format: 'int32' },
      1.5,
      ['spec: Invalid value: "float64": spec in body must be of type int32: "float64"'],
    ],
    ['a boolean for an int64', { ...whole, format: 'int64' }, true, ['spec: Invalid value: "": spec in body must be of type int64: ""']],
    ['an integer for a number', { type: 'number' }, 3, []],
    ['a list for an object', object({}), [], ['spec: Invalid value: "array": spec in body must be of type object: "array"']],
    ['an object for a list', list(text), {}, ['spec: Invalid value: "object": spec in body must be of type array: "object"']],
    ['null', text, null, ['spec: Invalid value: "null": spec in body must be of type string: "null"']],
    ['null where one may stand', { ...text, nullable: true }, null, []],
    ['what is missing', object({ a: text, b: text }, { required: ['a', 'b'] }), { b: 'x' }, ['spec.a: Required value']],
    [
      'another word',
      { ...text, enum: ['Always', 'Never'] },
      'Maybe',
      ['spec: Unsupported value: "Maybe": supported values: "Always", "Never"'],
    ],
    ['another number', { ...whole, enum: [1, 2] }, 3, ['spec: Unsupported value: 3: supported values: "1", "2"']],
    ['a number below', { ...whole, minimum: 1 }, 0, ['spec: Invalid value: 0: spec in body should be greater than or equal to 1']],
    ['a number above', { ...whole, maximum: 9 }, 10, ['spec: Invalid value: 10: spec in body should be less than or equal to 9']],
    [
      'the end itself',
      { ...whole, minimum: 1, exclusiveMinimum: true },
      1,
      ['spec: Invalid value: 1: spec in body should be greater than 1'],
    ],
    [
      'the other end',
      { type: 'number', maximum: 0.5, exclusiveMaximum: true },
      0.5,
      ['spec: Invalid value: 0.5: spec in body should be less than 0.5'],
    ],
    ['no multiple', { ...whole, multipleOf: 3 }, 7, ['spec: Invalid value: 7: spec in body should be a multiple of 3']],
    ['a multiple of a fraction', { type: 'number', multipleOf: 0.1 }, 0.3, []],
    [
      'a large multiple',
      { ...whole, multipleOf: 3 },
      9223372036854775805n,
      ['spec: Invalid value: 9223372036854775805: spec in body should be a multiple of 3'],
    ],
    [
      'more than 32 bits',
      { ...whole, format: 'int32' },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec'],
    ],
    [
      'more than 64 bits',
      whole,
      2 ** 63,
      [
        'spec: Invalid value: "number": spec in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec',
      ],
    ],
    [
      'more than a number tells apart, or a text',
      { 'x-kubernetes-int-or-string': true },
      1e20,
      ['spec: Invalid value: "number": spec in body must be of type integer,string: "number"'],
    ],
    ['64 bits', whole, 9223372036854775807n, []],
    ['a long text', { ...text, maxLength: 3 }, 'four', ['spec: Too long: may not be more than 3 bytes']],
    ['a short text', { ...text, minLength: 3 }, 'ab', ['spec: Invalid value: "ab": spec in body should be at least 3 chars long']],
    ['signs of two units', { ...text, maxLength: 3, minLength: 3 }, '🍓🍓🍓', []],
    ['no match', { ...text, pattern: '^[a-z]+$' }, 'A', [`spec: Invalid value: "A": spec in body should match '^[a-z]+$'`]],
    ['a match anywhere', { ...text, pattern: '[0-9]' }, 'a1b', []],
    [
      'no address',
      { ...text, format: 'ipv4' },
      '300.1.1.1',
      ['spec: Invalid value: "300.1.1.1": spec in body must be of type ipv4: "300.1.1.1"'],
    ],
    ['a format that nobody knows', { ...text, format: 'postcode' }, 'x', []],
    ['few items', list(text, { minItems: 1 }), [], ['spec: Invalid value: 0: spec in body should have at least 1 items']],
    ['many items', list(text, { maxItems: 1 }), ['a', 'b'], ['spec: Too many: 2: must have at most 1 items']],
    ['an item', list(text), ['a', 1], ['spec[1]: Invalid value: "integer": spec[1] in body must be of type string: "integer"']],
    [
      'few members',
      { type: 'object', additionalProperties: text, minProperties: 1 },
      {},
      ['spec: Invalid value: 0: spec in body should have at least 1 properties'],
    ],
    [
      'many members',
      { type: 'object', additionalProperties: text, maxProperties: 1 },
      { a: 1, b: 2 },
      ['spec: Too many: 2: must have at most 1 items'],
    ],
    [
      'a member of a map',
      { type: 'object', additionalProperties: text },
      { 'a.b': 1 },
      ['spec.a.b: Invalid value: "integer": spec.a.b in body must be of type string: "integer"'],
    ],
    ['a number or a text', { 'x-kubernetes-int-or-string': true }, 3, []],
    [
      'neither',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
    ],
    ['said twice', { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }, '3', []],
    [
      'none of any',
      { ...text, anyOf: [{ minLength: 3 }, { pattern: '^x' }] },
      'a',
      [
        '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
        'spec: Invalid value: "a": spec in body should be at least 3 chars long',
      ],
    ],
    [
      'two of one',
      { ...text, oneOf: [{ minLength: 1 }, { maxLength: 3 }] },
      'ab',
      ['<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'one of a union',
      object({ a: text, b: text }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }),
      {},
      ['<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid', 'spec.a: Required value'],
    ],
    [
      'not all',
      { ...text, allOf: [{ minLength: 1 }, { minLength: 3 }] },
      'ab',
      [
        'spec: Invalid value: "ab": spec in body should be at least 3 chars long',
        '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)',
      ],
    ],
    [
      'what it must not be',
      { ...text, not: { enum: ['root'] } },
      'root',
      ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
    ],
    ['a set with one twice', list(text, { 'x-kubernetes-list-type': 'set' }), ['a', 'b', 'a', 'a'], ['spec[2]: Duplicate value: "a"']],
    [
      'a map with a key twice',
      list(object({ name: text, port: { ...whole, default: 80 } }, { required: ['name'] }), {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name', 'port'],
      }),
      [
        { name: 'a', port: 1 },
        { name: 'a', port: 2 },
        { port: 1, name: 'a' },
      ],
      ['spec[2]: Duplicate value: {"name":"a","port":1}'],
    ],
    [
      'an object of no kind',
      object({}, { 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }),
      { kind: 'Pod' },
      ['spec.apiVersion: Required value: must not be empty'],
    ],
    [
      'one whose labels are none',
      object({}, { 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }),
      { apiVersion: 'v1', kind: 'Pod', metadata: { labels: 3 } },
      ['spec.metadata.labels: Invalid value: "": Invalid input: expected record, received number'],
    ],
  ])('%s', (_what, schema, value, expected) => {
    expect(errorsOf(schema, value)).toEqual(expected)
  })
})

it('as many errors are told as anybody reads', () => {
  expect(
    errorsOf(
      list(text),
      Array.from({ length: 20_000 }, () => 1),
    ).length,
  ).toBeLessThan(200)
})

describe('what a check may take is bounded, whatever schema and object meet: every keyword pays for what it looks at', () => {
  const tooMuch = [
    '<nil>: Invalid value: "": it takes more than 1000000 steps to be checked against its schema: give it fewer or shorter values, or the schema fewer alternatives and simpler patterns',
  ]
  const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))
  const names = many(2000, (index) => `n${index}`)
  const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const members = Object.fromEntries(names.map((name) => [name, 'x']))

  it.each<[string, JsonSchema, unknown]>([
    [
      'alternatives for each item',
      list(text, { oneOf: many(100, (index) => ({ items: { maxLength: 1000 + index } })) }),
      many(20_000, () => 'x'.repeat(200)),
    ],
    ['names that must not all be there', list({ ...anything, not: { required: names } }), many(1000, () => ({}))],
    ['a count of members', { type: 'object', additionalProperties: text, anyOf: many(1000, () => ({ minProperties: 2001 })) }, members],
    ['a count of characters', { ...text, anyOf: many(200, () => ({ maxLength: 150_000 })) }, 'x'.repeat(200_000)],
    ['a format', { ...text, anyOf: many(200, () => ({ format: 'uri' })) }, '\u00e9'.repeat(200_000)],
    ['an enum of what is large', { ...anything, anyOf: many(200, () => ({ enum: [1] })) }, members],
    [
      'keys of a map',
      list(object(Object.fromEntries(names.map((name) => [name, { ...text, default: 'x' }]))), {
        ...{ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': names },
      }),
      many(1000, () => ({})),
    ],
    ['a text that a pattern has no table for', { ...text, pattern: '[ab]*a[ab]{200}[cd]' }, 'ab'.repeat(100_000)],
    ['many such texts', list({ ...text, pattern: '[ab]*a[ab]{200}[cd]' }), many(100, () => 'ab'.repeat(1000))],
  ])('%s', (_what, schema, value) => {
    expect(errorsOf(schema, value)).toEqual(tooMuch)
  })

  it('an enum is one look, however many values it has', () => {
    const words = many(5000, (index) => `w${index}`)
    expect(
      errorsOf(
        list({ ...text, enum: words }),
        many(10_000, () => 'w4999'),
      ),
    ).toEqual([])
    const [error] = errorsOf({ ...text, enum: words }, 'other')
    expect(error).toContain('"w0", "w1", ')
    expect(error).toMatch(/"w99", and 4900 more$/)
  })

  it('an honest pattern over ten thousand texts is no trouble', () => {
    const part = '([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])'
    const network = { ...text, pattern: `^(${part}\\.){3}${part}/([0-9]|[1-2][0-9]|3[0-2])$` }
    expect(
      errorsOf(
        list(network),
        many(10_000, (index) => `10.${index >> 8}.${index & 255}.0/24`),
      ),
    ).toEqual([])
    expect(errorsOf({ ...text, pattern: '^[a-z\n]+$' }, 'word\n'.repeat(100_000))).toEqual([])
  })

  it('a pattern is no dearer for whoever comes after texts that fill its memory', () => {
    const checked = read(list({ ...text, pattern: '[ab]*a[ab]{13}c' }))
    const errorsIn = (spec: readonly string[]) => valueErrors(checked, { spec }).map(({ message }) => message)
    let bits = 1
    const odd = many(20_000, () => ((bits = (bits * 48_271) % 2_147_483_647) % 2 === 0 ? 'a' : 'b')).join('')
    const honest = many(200, () => `${'ab'.repeat(500)}c`)
    expect(errorsIn(honest)).toEqual([])
    for (let at = 0; at < odd.length; at += 400) errorsIn([`c${odd.slice(at, at + 400)}`])
    expect(errorsIn(honest)).toEqual([])
  })

  it('a pattern on which other engines hang is matched', () => {
    // Two to the thousandth steps in an engine that tries each way.
    expect(errorsOf({ ...text, pattern: '^(a+)+$' }, `${'a'.repeat(1000)}!`)).toHaveLength(1)
  })
})

describe('errors are as long as anybody reads', () => {
  const lengthOf = (errors: readonly string[]) => errors.join('').length

  it('of a name of a million characters a beginning is in each path', () => {
    const errors = errorsOf({ type: 'object', additionalProperties: list(text) }, { ['x'.repeat(1_000_000)]: Array(200).fill(1) })
    expect(errors).toHaveLength(101)
    expect(lengthOf(errors)).toBeLessThan(100_000)
  })

  it('of alternatives and of all that must hold no more are told than of anything else', () => {
    const all = Array.from({ length: 200 }, (_, index) => ({ maxLength: 1 + index }))
    expect(errorsOf({ ...text, allOf: all }, 'x'.repeat(10_000))).toHaveLength(101)
    expect(lengthOf(errorsOf(list({ ...text, format: 'uuid' }), Array(200).fill('x'.repeat(10_000))))).toBeLessThan(600_000)
  })

  it('a value is cut before it is written', () => {
    const errors = errorsOf(list({ type: 'object', additionalProperties: text, maxProperties: 1, enum: [{}] }), [
      { a: 'x'.repeat(1_000_000), b: 'x'.repeat(1_000_000) },
    ])
    expect(lengthOf(errors)).toBeLessThan(5000)
  })
})
