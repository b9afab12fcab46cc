import { describe, expect, it } from 'vitest'
import { type Checked, valueErrors } from './check.ts'
import { embeddedErrors } from './embedded.ts'
import type { JsonSchema } from './json-schema.ts'
import { readSchema } from './read-schema.ts'
import { listTypeErrors } from './unique.ts'

const read = (spec: JsonSchema): Checked => {
  const result = readSchema({ type: 'object', properties: { spec } })
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  return result.checked
}
const errorsOf = (schema: JsonSchema, spec: unknown): readonly string[] => {
  const checked = read(schema)
  const value = { spec }
  const errors = [...valueErrors(checked, value), ...listTypeErrors(checked.schema, value), ...embeddedErrors(checked.schema, value)]
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

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
    ['more than 64 bits', whole, 2 ** 63, ['<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec']],
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
      'items twice',
      list(object({ a: whole }), { uniqueItems: true }),
      [{ a: 1 }, { a: 1 }],
      [`spec: Invalid value: "": spec in body shouldn't contain duplicates`],
    ],
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
        `spec: Invalid value: "a": spec in body should match '^x'`,
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

it('an object that takes too long to be checked is refused, and a pattern cannot hold up the hub', () => {
  const alternatives = Array.from({ length: 100 }, (_, index) => ({ items: { maxLength: 1000 + index } }))
  const [error, ...others] = errorsOf(
    list(text, { oneOf: alternatives }),
    Array.from({ length: 20_000 }, () => 'x'.repeat(200)),
  )
  expect([error, others]).toEqual([
    '<nil>: Invalid value: "": the object takes more than 1000000 steps to be checked against its schema',
    [],
  ])
  const slow = { ...text, pattern: '[ab]*a[ab]{200}[cd]' }
  expect(errorsOf(slow, 'ab'.repeat(100_000))).toEqual([error])
  // Two to the thousandth steps in an engine that tries each way.
  expect(errorsOf({ ...text, pattern: '^(a+)+$' }, `${'a'.repeat(1000)}!`)).toHaveLength(1)
})
