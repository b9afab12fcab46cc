import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { valueErrors } from '@bramble/shared/schema/structural/check.ts'
import { TooManyDefaults, withDefaults } from '@bramble/shared/schema/structural/defaults.ts'
import { rootNode } from '@bramble/shared/schema/structural/node-of.ts'
import { readSchema } from '@bramble/shared/schema/structural/read-schema.ts'
import { pruneUnknown } from '../../../hub/src/apiserver/bodies/unknown-fields.ts'
import { parseJsonBody } from '../../../hub/src/apiserver/bodies/json-body.ts'
import { checkPrototypes, readOrRefused } from '../refusals.ts'
import { defineTarget } from '../target.ts'

const text = { type: 'string', minLength: 1, maxLength: 9, pattern: '^[a-z]+$', format: 'dns1123', default: 'ab', enum: ['ab', 'c'] }
const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      properties: {
        text,
        count: { type: 'integer', format: 'int32', minimum: 0, maximum: 5, multipleOf: 2, exclusiveMinimum: true, default: 2 },
        port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        map: { type: 'object', additionalProperties: text, maxProperties: 3, minProperties: 0 },
        list: {
          type: 'array',
          items: { type: 'object', properties: { name: text }, required: ['name'] },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
        },
        set: { type: 'array', items: { type: 'number' }, 'x-kubernetes-list-type': 'set', maxItems: 4 },
        any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, nullable: true },
        raw: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { a: text } },
      },
      oneOf: [{ required: ['text'] }, { not: { required: ['count'] } }],
      'x-kubernetes-validations': [
        { rule: 'self.count > 0 || has(self.text)', message: 'no', fieldPath: '.count', reason: 'FieldValueInvalid' },
      ],
    },
  },
}
const object = {
  spec: {
    text: 'ab',
    count: 2,
    port: '80',
    map: { a: 'ab' },
    list: [{ name: 'ab' }],
    set: [1, 2],
    any: { b: [1] },
    raw: { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } },
  },
}

export const jsonSchemas = defineTarget({
  name: 'json-schemas',
  seeds: [{ json: { schema, object } }],
  words: [
    ...Object.keys(schema.properties.spec.properties),
    ...[
      'type',
      'properties',
      'items',
      'additionalProperties',
      'required',
      'allOf',
      'anyOf',
      'oneOf',
      'not',
      'enum',
      'default',
      'nullable',
      'pattern',
      'format',
      '$ref',
    ],
    ...[
      'object',
      'array',
      'string',
      'integer',
      'number',
      'boolean',
      'int64',
      'date-time',
      'byte',
      'ipv4',
      'uuid',
      'x-kubernetes-list-type',
      'map',
      'set',
      'atomic',
    ],
    ...['(a*)*$', '[', 'self', 'self.all(x, x)', 'oldSelf', '.spec', 'maxItems', 'uniqueItems', 'x-kubernetes-preserve-unknown-fields'],
  ],
  open: () => (input) => {
    const given = readOrRefused(() => parseJsonBody(input.toString()).value)
    if (!isObject(given)) return
    const { schema: asked, object: value } = given as { schema?: unknown; object?: unknown }
    const read = readSchema(asked)
    checkPrototypes()
    if (!read.ok) return
    rootNode(read.checked.schema, { typeName: 'A', group: 'x.io/v1' })
    if (!isObject(value)) return
    const pruned = pruneUnknown(rootNode(read.checked.schema, { typeName: 'A', group: 'x.io/v1' }), value).value
    try {
      valueErrors(read.checked, withDefaults(read.checked.schema, parseExactJson(exactJson(pruned))))
    } catch (error) {
      if (!(error instanceof TooManyDefaults)) throw error
    }
    checkPrototypes()
  },
})
