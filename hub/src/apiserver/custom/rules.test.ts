import { expect, it } from 'vitest'
import { createTestApi, type Json } from '../testing/api.ts'
import { definitionOf, definitionsAt, shirt, shirtsAt } from '../testing/definitions.ts'

const merge = 'application/merge-patch+json'
const text = (more: object = {}) => ({ type: 'string', maxLength: 100, ...more })
const int = { type: 'integer' }
const objectOf = (properties: object, ...rules: readonly object[]) => ({ type: 'object', properties, 'x-kubernetes-validations': rules })

const schemaOf = (spec: object, status: object = { type: 'object' }) => ({ type: 'object', properties: { spec, status } })
const definitionWith = (schema: object): Json =>
  definitionOf({ version: { schema: { openAPIV3Schema: schema }, subresources: { status: {} } } })

const causesOf = ({ details }: Json) => details.causes.map(({ field, reason, message }: Json) => `${field} ${reason} ${message}`)

async function serving(schema: object) {
  const api = await createTestApi()
  const made = await api.json('POST', definitionsAt(), { body: definitionWith(schema) })
  expect([made.code, made.body.message]).toEqual([201, undefined])
  return api
}

async function refusedWith(schema: object): Promise<readonly string[]> {
  const { json } = await createTestApi()
  const { code, body } = await json('POST', definitionsAt(), { body: definitionWith(schema) })
  expect([code, body.reason]).toEqual([422, 'Invalid'])
  return causesOf(body)
}

it('what breaks rules is refused with a cause for each, at its field, when it is made and when it is changed', async () => {
  const spec = objectOf(
    {
      color: text(),
      min: int,
      max: int,
      parts: { type: 'array', maxItems: 5, items: objectOf({ size: int }, { rule: 'self.size > 0', fieldPath: '.size' }) },
    },
    { rule: 'self.min <= self.max', message: 'min must not be above max', reason: 'FieldValueForbidden', fieldPath: '.min' },
    { rule: "self.color != 'pink'", messageExpression: "'%s is no colour'.format([self.color])" },
    { rule: 'self.color == oldSelf.color', message: 'color is immutable', reason: 'FieldValueInvalid', fieldPath: '.color' },
  )
  const { json } = await serving(schemaOf(spec))
  const bad = await json('POST', shirtsAt(), { body: shirt('a', { color: 'pink', min: 3, max: 2, parts: [{ size: 1 }, { size: 0 }] }) })
  expect(bad.code).toBe(422)
  expect(causesOf(bad.body)).toEqual([
    'spec.min FieldValueForbidden Forbidden: min must not be above max',
    'spec FieldValueInvalid Invalid value: "object": pink is no colour',
    'spec.parts[1].size FieldValueInvalid Invalid value: "object": failed rule: self.size > 0',
  ])
  expect(bad.body.message).toBe(
    'Shirt.stable.example.com "a" is invalid: [spec.min: Forbidden: min must not be above max, spec: Invalid value: "object": pink is no colour, spec.parts[1].size: Invalid value: "object": failed rule: self.size > 0]',
  )
  expect((await json('POST', shirtsAt(), { body: shirt('a', { color: 'red', min: 1, max: 2 }) })).code).toBe(201)
  const changed = await json('PATCH', shirtsAt('a'), { body: { spec: { color: 'blue' } }, contentType: merge })
  expect([changed.code, causesOf(changed.body)]).toEqual([
    422,
    ['spec.color FieldValueInvalid Invalid value: "object": color is immutable'],
  ])
  expect((await json('PATCH', shirtsAt('a'), { body: { spec: { max: 9 } }, contentType: merge })).code).toBe(200)
})

it('rules about a status hold by its subresource, and what was there before and is not touched may stay', async () => {
  const status = objectOf({ ready: int, wanted: int }, { rule: 'self.ready <= self.wanted', message: 'too many' })
  const { json } = await serving(schemaOf({ type: 'object', properties: { size: int } }, status))
  await json('POST', shirtsAt(), { body: shirt('a', { size: 1 }) })
  const write = (status: object) => json('PATCH', `${shirtsAt('a')}/status`, { body: { status }, contentType: merge })
  const bad = await write({ ready: 2, wanted: 1 })
  expect([bad.code, causesOf(bad.body)]).toEqual([422, ['status FieldValueInvalid Invalid value: "object": too many']])
  expect((await write({ ready: 1, wanted: 2 })).code).toBe(200)
  const stricter = definitionWith(
    schemaOf(objectOf({ size: int, other: int }, { rule: 'self.size > 5', message: 'too small' }), { type: 'object', properties: {} }),
  )
  const { spec } = stricter
  expect((await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec }, contentType: merge })).code).toBe(200)
  const label = await json('PATCH', shirtsAt('a'), { body: { metadata: { labels: { a: 'b' } } }, contentType: merge })
  expect([label.code, label.body.message]).toEqual([200, undefined])
  const touched = await json('PATCH', shirtsAt('a'), { body: { spec: { other: 1 } }, contentType: merge })
  expect([touched.code, causesOf(touched.body)]).toEqual([422, ['spec FieldValueInvalid Invalid value: "object": too small']])
})

it('a rule about an item sees what it was by its key, and one with an optional oldSelf also what is new', async () => {
  const item = objectOf(
    { name: text(), size: int },
    { rule: 'self.size >= oldSelf.size', message: 'may not shrink' },
    { rule: '!oldSelf.hasValue() || self.size != 7', optionalOldSelf: true, message: 'becomes no 7' },
  )
  const parts = {
    type: 'array',
    maxItems: 10,
    items: { ...item, required: ['name'] },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }
  const { json } = await serving(schemaOf({ type: 'object', properties: { parts } }))
  await json('POST', shirtsAt(), { body: shirt('a', { parts: [{ name: 'x', size: 3 }, { name: 'y', size: 7 }] }) }) // prettier-ignore
  const write = (parts: readonly object[]) => json('PATCH', shirtsAt('a'), { body: { spec: { parts } }, contentType: merge })
  expect((await write([{ name: 'z', size: 7 }, { name: 'x', size: 4 }])).code).toBe(200) // prettier-ignore
  const { code, body } = await write([{ name: 'z', size: 8 }, { name: 'x', size: 3 }]) // prettier-ignore
  expect([code, causesOf(body)]).toEqual([422, ['spec.parts[1] FieldValueInvalid Invalid value: "object": may not shrink']])
  expect(causesOf((await write([{ name: 'x', size: 7 }])).body)).toEqual([
    'spec.parts[0] FieldValueInvalid Invalid value: "object": becomes no 7',
  ])
})

const hint = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'

it('a rule that could cost too much is refused with how much, and so are all of them together with those that cost most', async () => {
  const names = { type: 'array', items: { type: 'string' } }
  const nested = { rule: 'self.names.all(a, self.names.all(b, a != b))' }
  const at = 'spec.validation.openAPIV3Schema'
  expect(await refusedWith(schemaOf(objectOf({ names }, nested)))).toEqual([
    `${at}.properties[spec].x-kubernetes-validations[0].rule FieldValueForbidden Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${hint}`,
    `${at}.properties[spec].x-kubernetes-validations[0].rule FieldValueForbidden Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${at} FieldValueForbidden Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${hint}`,
  ])
  const items = {
    type: 'array',
    items: { ...text({ maxLength: 1000 }), 'x-kubernetes-validations': [{ rule: "self.matches('^[a-z]+$')" }] },
  }
  expect(await refusedWith(schemaOf({ type: 'object', properties: { items } }))).toEqual([
    `${at}.properties[spec].properties[items].items.x-kubernetes-validations[0].rule FieldValueForbidden Forbidden: estimated rule cost exceeds budget by factor of 84.2x ${hint}`,
    `${at}.properties[spec].properties[items].items.x-kubernetes-validations[0].rule FieldValueForbidden Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
    `${at} FieldValueForbidden Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 8.4x ${hint}`,
  ])
  const message = { rule: 'self.min < 3', messageExpression: "'min is ' + string(self.min)" }
  expect(await refusedWith(schemaOf(objectOf({ min: int }, message)))).toContain(
    `${at}.properties[spec].x-kubernetes-validations[0].messageExpression FieldValueForbidden Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x ${hint}`,
  )
  const bounded = { ...names, maxItems: 20, items: text() }
  await serving(schemaOf(objectOf({ names: bounded }, nested)))
})

it('a default that a rule of its schema refuses is refused with the definition', async () => {
  const sized = { ...objectOf({ size: { ...int, default: 9 } }, { rule: 'self.size < 5', message: 'too large' }), default: {} }
  expect(await refusedWith(schemaOf({ type: 'object', properties: { sized } }))).toEqual([
    'spec.validation.openAPIV3Schema.properties[spec].properties[sized].default FieldValueInvalid Invalid value: "object": too large',
  ])
})

it('what a stricter schema would refuse may stay while something else changes, and rules beside it are looked at', async () => {
  const specOf = (maximum: number) => ({
    ...objectOf({
      size: { ...int, maximum },
      other: int,
      list: { type: 'array', maxItems: 9, items: text(), 'x-kubernetes-list-type': 'set' },
    }),
    'x-kubernetes-validations': [{ rule: '!has(self.other) || self.other < 5', message: 'other is too large' }],
  })
  const { json } = await serving(schemaOf(specOf(10)))
  await json('POST', shirtsAt(), { body: shirt('a', { size: 9, list: ['a'] }) })
  const { spec } = definitionWith(schemaOf(specOf(5)))
  await json('PATCH', definitionsAt('shirts.stable.example.com'), { body: { spec }, contentType: merge })
  const write = (spec: object) => json('PATCH', shirtsAt('a'), { body: { spec }, contentType: merge })
  expect((await write({ other: 1 })).code).toBe(200)
  const both = await write({ size: 8, other: 7 })
  expect([both.code, causesOf(both.body)]).toEqual([
    422,
    [
      'spec.size FieldValueInvalid Invalid value: 8: spec.size in body should be less than or equal to 5',
      'spec FieldValueInvalid Invalid value: "object": other is too large',
    ],
  ])
  expect(causesOf((await write({ list: ['a', 'a'] })).body)).toEqual(['spec.list[1] FieldValueDuplicate Duplicate value: "a"'])
})

it('all that is wrong with how a rule is written is told, beside what it says', async () => {
  const at = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations'
  const rules = [{ rule: '' }, { rule: 'self.a' }, { rule: 'true', message: 'a\nb', reason: 'X' }, { rule: 'self.b > 0' }]
  const said = await refusedWith(schemaOf(objectOf({ a: int }, ...rules)))
  expect(said.map((each) => each.split('\n')[0]?.replace(/\{.*\}/, '{…}'))).toEqual([
    `${at}[0].rule FieldValueRequired Required value: rule is not specified`,
    `${at}[1].rule FieldValueInvalid Invalid value: {…}: cel expression must evaluate to a bool`,
    `${at}[2].message FieldValueInvalid Invalid value: "a\\nb": message must not contain line breaks`,
    `${at}[2].reason FieldValueNotSupported Unsupported value: "X": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    `${at}[3].rule FieldValueInvalid Invalid value: {…}: compilation failed: ERROR: <input>:1:5: undefined field 'b'`,
  ])
})
