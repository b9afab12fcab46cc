import { expect, it } from 'vitest'
import { fieldInvalid, fieldRequired } from '../../api/api-error.ts'
import type { JsonSchema } from './json-schema.ts'
import { isUntouched } from './untouched.ts'

const text: JsonSchema = { type: 'string' }
const part: JsonSchema = { type: 'object', properties: { name: text, size: { type: 'integer' } } }
const schema: JsonSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: text,
        b: text,
        byName: { type: 'array', items: part, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
        list: { type: 'array', items: part },
        map: { type: 'object', additionalProperties: part },
        whole: { ...part, 'x-kubernetes-map-type': 'atomic' },
      },
    },
  },
}
const before = {
  spec: {
    ...{ a: 'a', b: 'b', byName: [{ name: 'x', size: 1 }], list: [{ name: 'x', size: 1 }] },
    ...{ map: { 'k.1': { name: 'x', size: 1 } }, whole: { name: 'x', size: 1 } },
  },
}
const invalid = (field: string) => fieldInvalid(field, 0, 'wrong')

it.each([
  ['a field beside one that changes', invalid('spec.a'), { b: 'c' }, true],
  ['a field that changes', invalid('spec.b'), { b: 'c' }, false],
  ['what is missing where something changes', fieldRequired('spec.c'), { b: 'c' }, false],
  ['what is missing where nothing does', fieldRequired('spec.whole.c'), { b: 'c' }, true],
  [
    'an item that is known by its key, in another place',
    invalid('spec.byName[1].size'),
    { byName: [{ name: 'y' }, { name: 'x', size: 1 }] },
    true,
  ],
  [
    'a new item',
    invalid('spec.byName[0].size'),
    {
      byName: [
        { name: 'y', size: 1 },
        { name: 'x', size: 1 },
      ],
    },
    false,
  ],
  ['an item of a list without keys that changes', invalid('spec.list[0].size'), { list: [{ name: 'x', size: 1 }, { name: 'y' }] }, false],
  ['an item of a list without keys that does not', invalid('spec.list[0].size'), { b: 'c' }, true],
  ['a member of a map', invalid('spec.map.k.1.size'), { map: { 'k.1': { name: 'y', size: 1 } } }, true],
  ['a member of what is one value', invalid('spec.whole.size'), { whole: { name: 'y', size: 1 } }, false],
  ['what is named in the text', fieldInvalid('<nil>', '', '"spec.whole" must validate all the schemas (allOf)'), { b: 'c' }, true],
  [
    'what is named in the text and changes',
    fieldInvalid('<nil>', '', '"spec.whole" must not validate the schema (not)'),
    { whole: {} },
    false,
  ],
])('%s', (_what, error, change, wanted) => {
  expect(isUntouched(schema, error, { spec: { ...before.spec, ...change } }, before)).toBe(wanted)
})
