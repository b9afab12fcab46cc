import { describe, expect, it } from 'vitest'
import { readSchema } from './read-schema.ts'

const errorsOf = (value: unknown): readonly string[] => {
  const read = readSchema(value, 'schema')
  return read.ok ? [] : read.errors.map(({ field, message }) => `${field}: ${message}`)
}
const withSpec = (spec: unknown) => ({ type: 'object', properties: { spec } })
const at = 'schema.properties[spec]'

describe('a schema by which nothing could be pruned, filled in or merged is refused, in the words of Kubernetes', () => {
  it.each<[string, unknown, readonly string[]]>([
    ['nothing', null, ['schema: Invalid value: "": Invalid input: expected object, received null']],
    ['no type', {}, ['schema.type: Required value: must not be empty at the root']],
    ['a list', { type: 'array', items: { type: 'string' } }, ['schema.type: Invalid value: "array": must be object at the root']],
    ['a field without a type', withSpec({}), [`${at}.type: Required value: must not be empty for specified object fields`]],
    ['a list of anything', withSpec({ type: 'array' }), [`${at}.items: Required value: must be specified`]],
    [
      'an item without a type',
      withSpec({ type: 'array', items: {} }),
      [`${at}.items.type: Required value: must not be empty for specified array items`],
    ],
    ['a reference', withSpec({ $ref: '#/definitions/x' }), ['schema.properties.spec.$ref: Forbidden: is not supported']],
    [
      'rules in CEL',
      withSpec({ type: 'string', 'x-kubernetes-validations': [] }),
      ['schema.properties.spec.x-kubernetes-validations: Forbidden: is not supported'],
    ],
    [
      'a map at the root',
      { type: 'object', additionalProperties: true },
      ['schema.additionalProperties: Forbidden: must not be used at the root'],
    ],
    [
      'a closed object',
      withSpec({ type: 'object', additionalProperties: false }),
      [`${at}.additionalProperties: Forbidden: additionalProperties cannot be set to false`],
    ],
    [
      'a map with fields',
      withSpec({ type: 'object', properties: {}, additionalProperties: true }),
      [`${at}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'a type in an alternative',
      withSpec({ type: 'string', anyOf: [{ type: 'string' }] }),
      [`${at}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      'a default in one',
      withSpec({ type: 'string', not: { default: 'x' } }),
      [`${at}.not.default: Forbidden: must be undefined to be structural`],
    ],
    [
      'a field only in one',
      withSpec({ type: 'object', oneOf: [{ properties: { a: { minLength: 1 } } }] }),
      [`${at}.properties[a]: Required value: because it is defined in ${at}.oneOf[0].properties[a]`],
    ],
    [
      'items only in one',
      withSpec({ type: 'object', not: { items: { minLength: 1 } } }),
      [`${at}.items: Required value: because it is defined in ${at}.not.items`],
    ],
    [
      'more about metadata',
      { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
      [
        'schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      'a kind that is no text',
      { type: 'object', properties: { kind: { type: 'integer' } } },
      ['schema.properties[kind].type: Invalid value: "integer": must be string'],
    ],
    [
      'an embedded text',
      withSpec({ type: 'string', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }),
      [`${at}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true`],
    ],
    [
      'a number or a text or anything',
      withSpec({ 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true }),
      [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true`],
    ],
    [
      'a set that is no list',
      withSpec({ type: 'string', 'x-kubernetes-list-type': 'set' }),
      [`${at}.type: Invalid value: "string": must be array if x-kubernetes-list-type is specified`],
    ],
    [
      'a map without keys',
      withSpec({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
      [`${at}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      'a key that may be missing',
      withSpec({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
        items: { type: 'object', properties: { a: { type: 'string' } } },
      }),
      [
        `${at}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'no expression',
      withSpec({ type: 'string', pattern: '(' }),
      [`${at}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``],
    ],
    [
      'one that looks back',
      withSpec({ type: 'string', pattern: '(a)\\1' }),
      [
        `${at}.pattern: Invalid value: "(a)\\\\1": must be a valid regular expression, but isn't: error parsing regexp: invalid escape sequence: \`\\1\``,
      ],
    ],
    [
      'a default of another type',
      withSpec({ type: 'integer', default: 'x' }),
      [`${at}.default: Invalid value: "string": ${at}.default in body must be of type integer: "string"`],
    ],
    [
      'a default with more in it',
      withSpec({ type: 'object', properties: {}, default: { a: 1 } }),
      [`${at}.default: Invalid value: {"a":1}: must not have unknown fields`],
    ],
  ])('%s', (_what, schema, expected) => {
    expect(errorsOf(schema)).toEqual(expected)
  })
})

it('what people write is understood', () => {
  expect(errorsOf({ 'x-kubernetes-preserve-unknown-fields': true })).toEqual([])
  const port = {
    type: 'object',
    required: ['port'],
    properties: { port: { type: 'integer', format: 'int32' }, protocol: { type: 'string', default: 'TCP' } },
  }
  const spec = {
    type: 'object',
    required: ['size'],
    default: {},
    properties: {
      size: { type: 'integer', minimum: 1, default: 1 },
      share: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], pattern: '^[0-9]+%$' },
      ports: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port', 'protocol'], items: port },
      template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      anything: { 'x-kubernetes-preserve-unknown-fields': true },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
    oneOf: [{ required: ['share'] }, { not: { required: ['share'] } }],
  }
  const named = { type: 'object', properties: { name: { type: 'string', maxLength: 20 } } }
  expect(
    errorsOf({ type: 'object', properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: named, spec } }),
  ).toEqual([])
})

it('a schema is bounded in its size, its depth, and the size of its patterns', () => {
  let deep: object = { type: 'string' }
  for (let level = 0; level < 81; level++) deep = { type: 'object', properties: { a: deep } }
  expect(errorsOf(deep)).toEqual(['schema: Invalid value: "": must not be nested deeper than 160 levels'])
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, { type: 'string' }]))
  expect(errorsOf(withSpec({ type: 'object', properties: wide }))).toEqual([
    'schema: Invalid value: "": must not have more than 30000 parts',
  ])
  const why = (pattern: string) => errorsOf(withSpec({ type: 'string', pattern }))[0]
  expect(why('x'.repeat(3000))).toContain('it is longer than 2048 characters')
  expect(why('(a{900}|b{900})'.repeat(4))).toContain('its repetitions add up to 7200')
  expect(why('((a{10}){10}){10}'.repeat(20))).toContain('it is too large')
  const patterns = Array.from(
    { length: 30 },
    (_, index) => [`f${index}`, { type: 'string', pattern: `((a{10}){10}){9}x${index}`.repeat(5) }] as const,
  )
  expect(errorsOf(withSpec({ type: 'object', properties: Object.fromEntries(patterns) })).length).toBeGreaterThan(1)
})
