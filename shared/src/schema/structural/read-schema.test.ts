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
    ['a reference', withSpec({ $ref: '#/definitions/x' }), [`${at}.$ref: Forbidden: $ref is not supported`]],
    [
      'a rule in CEL that is none',
      withSpec({ type: 'string', 'x-kubernetes-validations': [{ rule: ' ' }] }),
      [`${at}.x-kubernetes-validations[0].rule: Required value: rule is not specified`],
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
      withSpec({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } }),
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
    ['null for a type', withSpec({ type: 'null' }), [`${at}.type: Forbidden: type cannot be set to null, use nullable as an alternative`]],
    [
      'a part of a character',
      withSpec({ type: 'string', maxLength: 1.5 }),
      [`${at}.maxLength: Invalid value: "": must be an integer of 0 or more`],
    ],
    ['multiples of nothing', withSpec({ type: 'number', multipleOf: 0 }), [`${at}.multipleOf: Invalid value: "": must be more than 0`]],
    [
      'another type',
      withSpec({ type: 'text' }),
      [`${at}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`],
    ],
    [
      'a schema for each item',
      withSpec({ type: 'array', items: [{ type: 'string' }] }),
      [`${at}.items: Forbidden: items must be a schema object and not an array`],
    ],
    [
      'items that must all differ',
      withSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [`${at}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`],
    ],
    [
      'what is open and is not',
      withSpec({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
      [`${at}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
    ],
    [
      'a null in one',
      withSpec({ type: 'string', not: { nullable: true } }),
      [`${at}.not.nullable: Forbidden: must be false to be structural`],
    ],
    [
      'a description in one',
      withSpec({ type: 'string', allOf: [{ description: 'x' }] }),
      [`${at}.allOf[0].description: Forbidden: must be empty to be structural`],
    ],
    [
      'two types of which none is a number or a text',
      withSpec({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'boolean' }] }),
      [`${at}.anyOf[0].type: Forbidden: must be empty to be structural`, `${at}.anyOf[1].type: Forbidden: must be empty to be structural`],
    ],
    [
      'a default for the name',
      { type: 'object', properties: { metadata: { type: 'object', properties: { name: { type: 'string', default: 'x' } } } } },
      ['schema.properties[metadata].properties[name].default: Forbidden: must not be set in top-level metadata'],
    ],
    [
      'an object of the API within the metadata of one',
      withSpec({
        ...{ type: 'object', 'x-kubernetes-embedded-resource': true },
        properties: {
          metadata: {
            type: 'object',
            properties: { x: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
          },
        },
      }),
      [`${at}.properties[metadata].properties[x].x-kubernetes-embedded-resource: Forbidden: must not be used inside of resource meta`],
    ],
    [
      'a set of objects that merge',
      withSpec({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } }),
      [`${at}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`],
    ],
    [
      'a set with nulls',
      withSpec({ type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string', nullable: true } }),
      [`${at}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set`],
    ],
    [
      'keys of no map',
      withSpec({ type: 'array', 'x-kubernetes-list-map-keys': ['a'], items: { type: 'object' } }),
      [`${at}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
    ],
    [
      'keys that are none',
      withSpec({
        ...{ type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a', 'b', 'a'] },
        items: { type: 'object', required: ['a'], properties: { a: { type: 'object', nullable: true } } },
      }),
      [
        `${at}.items.properties[a].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
        `${at}.items.properties[a].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
        `${at}.x-kubernetes-list-map-keys: Invalid value: ["a","b","a"]: entries must all be names of item properties`,
        `${at}.items.properties[a].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
        `${at}.x-kubernetes-list-map-keys: Invalid value: ["a","b","a"]: must not contain duplicate entries`,
        `${at}.items.properties[a].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
      ],
    ],
    [
      'an atomic text',
      withSpec({ 'x-kubernetes-map-type': 'atomic', 'x-kubernetes-preserve-unknown-fields': true }),
      [`${at}.type: Required value: must be object if x-kubernetes-map-type is specified`],
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
      named: {
        ...{ type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
        default: { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' }, spec: {} },
      },
      either: { 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'x' }] },
      known: { type: 'object', properties: { a: { type: 'string', not: { nullable: false } } }, additionalProperties: true },
      large: { type: 'integer', minimum: -9223372036854775808n, maximum: 9223372036854775807n, default: 9223372036854775807n },
      longest: { type: 'string', maxLength: 9223372036854775807n },
      anything: { 'x-kubernetes-preserve-unknown-fields': true },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    },
    oneOf: [{ required: ['share'] }, { not: { required: ['share'] } }],
  }
  const named = { type: 'object', properties: { name: { type: 'string', maxLength: 20 } } }
  expect(
    errorsOf({
      $schema: 'x',
      type: 'object',
      properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: named, spec },
    }),
  ).toEqual([])
})
