import { describe, expect, it } from 'vitest'
import { readSchema } from '../read-schema.ts'
import { ruleErrors } from './rule-errors.ts'

type Rule = Readonly<Record<string, unknown>> | string

const rulesOf = (...rules: readonly Rule[]) => ({
  'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
})
const objectOf = (properties: object, ...rules: readonly Rule[]) => ({ type: 'object', properties, ...rulesOf(...rules) })
const int = { type: 'integer' }
const text = { type: 'string' }

function broken(schema: object, value: unknown, before?: unknown): readonly string[] {
  const read = readSchema({ type: 'object', properties: { spec: schema } }, 'schema')
  if (!read.ok) throw new Error(read.errors.map(({ field, message }) => `${field}: ${message}`).join('\n'))
  if (read.checked.rules === undefined) throw new Error('no rules')
  const errors = ruleErrors(read.checked.rules, { spec: value }, before === undefined ? undefined : { spec: before })
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

function refused(schema: object): readonly string[] {
  const read = readSchema({ type: 'object', properties: { spec: schema } }, 'schema')
  return read.ok ? [] : read.errors.map(({ field, message }) => `${field}: ${message}`)
}

describe('rules from the documentation of Kubernetes', () => {
  const replicas = { minReplicas: int, replicas: int, maxReplicas: int }
  const list = (items: object, type?: string) => ({ type: 'array', items, ...(type !== undefined && { 'x-kubernetes-list-type': type }) })
  const mapOf = (value: object) => ({ type: 'object', additionalProperties: value })
  it.each<readonly [string, object, unknown, unknown]>([
    [
      'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas',
      replicas,
      { minReplicas: 1, replicas: 2, maxReplicas: 3 },
      { minReplicas: 1, replicas: 4, maxReplicas: 3 },
    ],
    ["'Available' in self.stateCounts", { stateCounts: mapOf(int) }, { stateCounts: { Available: 1 } }, { stateCounts: {} }],
    [
      '(size(self.list1) == 0) != (size(self.list2) == 0)',
      { list1: list(int), list2: list(int) },
      { list1: [1], list2: [] },
      { list1: [1], list2: [1] },
    ],
    [
      "!('MY_KEY' in self.map1) || self['map1']['MY_KEY'].matches('^[a-zA-Z]*$')".replace("self['map1']", 'self.map1'),
      { map1: mapOf(text) },
      { map1: { MY_KEY: 'abc' } },
      { map1: { MY_KEY: '1' } },
    ],
    [
      "self.envars.filter(e, e.name == 'MY_ENV').all(e, e.value.matches('^[a-zA-Z]*$'))",
      { envars: list({ type: 'object', properties: { name: text, value: text } }) },
      { envars: [{ name: 'MY_ENV', value: 'a' }] },
      { envars: [{ name: 'MY_ENV', value: '1' }] },
    ],
    [
      'has(self.expired) && self.created + self.ttl < self.expired',
      {
        created: { type: 'string', format: 'date-time' },
        expired: { type: 'string', format: 'date-time' },
        ttl: { type: 'string', format: 'duration' },
      },
      { created: '2024-01-01T00:00:00Z', ttl: '1h', expired: '2024-01-02T00:00:00Z' },
      { created: '2024-01-01T00:00:00Z', ttl: '48h', expired: '2024-01-02T00:00:00Z' },
    ],
    ["self.health.startsWith('ok')", { health: text }, { health: 'okay' }, { health: 'bad' }],
    [
      "self.widgets.exists(w, w.key == 'x' && w.foo < 10)",
      { widgets: list({ type: 'object', properties: { key: text, foo: int } }) },
      { widgets: [{ key: 'x', foo: 1 }] },
      { widgets: [] },
    ],
    [
      'type(self.port) == string ? self.port == "100%" : self.port == 1000',
      { port: { 'x-kubernetes-int-or-string': true } },
      { port: '100%' },
      { port: 7 },
    ],
    [
      "self.names.all(n, self.details.all(key, key.matches('^[a-zA-Z]*$')))",
      { names: list(text), details: mapOf(text) },
      { names: ['a'], details: { a: 'b' } },
      { names: ['a'], details: { '1': 'b' } },
    ],
    [
      'self.set1 == self.set2',
      { set1: list(text, 'set'), set2: list(text, 'set') },
      { set1: ['a', 'b'], set2: ['b', 'a'] },
      { set1: ['a'], set2: ['b'] },
    ],
    ['sets.intersects(self.a, self.b)', { a: list(int), b: list(int) }, { a: [1, 2], b: [2] }, { a: [1], b: [2] }],
    ['self.data == b"abc"', { data: { type: 'string', format: 'byte' } }, { data: 'YWJj' }, { data: 'YWI=' }],
    ['self.share < 0.5', { share: { type: 'number' } }, { share: 0 }, { share: 1 }],
    ['quantity(self.limit).isLessThan(quantity("2Gi"))', { limit: text }, { limit: '100Mi' }, { limit: '2Gi' }],
    ['has(self.a) == has(self.b)', { a: int, b: int }, {}, { a: 1 }],
    [
      'self.x__dash__y + self.__namespace__ + self.a__dot__b + self.c__underscores__d == 10',
      { 'x-y': int, namespace: int, 'a.b': int, c__d: int },
      { 'x-y': 1, namespace: 2, 'a.b': 3, c__d: 4 },
      { 'x-y': 1, namespace: 2, 'a.b': 3, c__d: 5 },
    ],
  ])('%s', (rule, properties, good, bad) => {
    const schema = objectOf(properties, rule)
    expect(broken(schema, good)).toEqual([])
    expect(broken(schema, bad)).toEqual([`spec: Invalid value: "object": failed rule: ${rule}`])
  })
})

it('a rule says what is wrong in its own words, for its reason, of the field that it is about', () => {
  const rules = [
    { rule: 'self.a > 1', message: ' a is too small ', reason: 'FieldValueForbidden', fieldPath: '.a' },
    { rule: 'self.a > 2', messageExpression: '"a is %d, which is below 3".format([self.a])' },
    { rule: 'self.a > 3', message: 'fallback', messageExpression: '""' },
    { rule: 'self.a > 4', reason: 'FieldValueRequired', message: 'more of it' },
    { rule: 'self.a > 5', reason: 'FieldValueDuplicate' },
  ]
  expect(broken(objectOf({ a: int }, ...rules), { a: 0 })).toEqual([
    'spec.a: Forbidden: a is too small',
    'spec: Invalid value: "object": a is 0, which is below 3',
    'spec: Invalid value: "object": fallback',
    'spec: Required value: more of it',
    'spec: Duplicate value: "object"',
  ])
})

it('a rule that cannot be evaluated is broken', () => {
  const port = { port: { 'x-kubernetes-int-or-string': true } }
  expect(broken(objectOf({ a: int, ...port }, '1 / self.a == 1', 'self.port > 1'), { a: 0, port: 'x' })).toEqual([
    'spec: Invalid value: "object": division by zero evaluating rule: 1 / self.a == 1',
    `spec: Invalid value: "object": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.port > 1`,
  ])
  expect(broken(objectOf({ a: int }, 'self.a == 1'), {})).toEqual([
    'spec: Invalid value: "object": no such key: a evaluating rule: self.a == 1',
  ])
})

describe('a rule about what was before', () => {
  const schema = objectOf({ a: int }, 'self.a >= oldSelf.a')
  it('is held to by an update and not by a new object', () => {
    expect(broken(schema, { a: 1 })).toEqual([])
    expect(broken(schema, { a: 1 }, { a: 1 })).toEqual([])
    expect(broken(schema, { a: 1 }, { a: 2 })).toEqual(['spec: Invalid value: "object": failed rule: self.a >= oldSelf.a'])
  })
  it('may ask whether there was something before', () => {
    const rule = { rule: 'oldSelf.hasValue() ? self == oldSelf.value() : self < 5', optionalOldSelf: true }
    const optional = objectOf({ a: { ...int, ...rulesOf(rule) } })
    expect(broken(optional, { a: 7 })).toHaveLength(1)
    expect(broken(optional, { a: 4 })).toEqual([])
    expect(broken(optional, { a: 7 }, { a: 7 })).toEqual([])
    expect(broken(optional, { a: 4 }, { a: 7 })).toHaveLength(1)
  })
  it('finds the item of a list by its keys', () => {
    const items = { ...objectOf({ name: text, a: int }, 'self.a == oldSelf.a'), required: ['name'] }
    const list = { type: 'array', items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }
    expect(broken(list, [{ name: 'b', a: 2 }, { name: 'a', a: 1 }], [{ name: 'a', a: 1 }, { name: 'b', a: 2 }])).toEqual([]) // prettier-ignore
    expect(broken(list, [{ name: 'b', a: 1 }], [{ name: 'a', a: 1 }, { name: 'b', a: 2 }])).toHaveLength(1) // prettier-ignore
  })
  it('cannot stand where nothing tells the items of a list from each other', () => {
    expect(refused({ type: 'array', items: objectOf({ a: int }, 'self.a == oldSelf.a') })).toEqual([
      'schema.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: "self.a == oldSelf.a": oldSelf cannot be used on the uncorrelatable portion of the schema within schema.properties[spec]',
    ])
  })
})

describe('what an update does not touch', () => {
  it('may stay as it is, and what it touches may not', () => {
    const schema = objectOf({ a: { ...int, ...rulesOf('self > 5') }, b: { ...int, ...rulesOf('self > 5') } })
    expect(broken(schema, { a: 1, b: 7 }, { a: 1, b: 6 })).toEqual([])
    expect(broken(schema, { a: 2, b: 7 }, { a: 1, b: 6 })).toEqual(['spec.a: Invalid value: "integer": failed rule: self > 5'])
  })
  it('in a list without keys is all of the list or nothing', () => {
    const schema = objectOf({ b: int, list: { type: 'array', items: { ...int, ...rulesOf('self > 5') } } })
    expect(broken(schema, { b: 1, list: [1] }, { b: 0, list: [1] })).toEqual([])
    expect(broken(schema, { b: 1, list: [1, 7] }, { b: 0, list: [1] })).toEqual([
      'spec.list[0]: Invalid value: "integer": failed rule: self > 5',
    ])
  })
})

it('rules of what must all hold are held to', () => {
  const schema = { ...objectOf({ a: int }), allOf: [{ properties: { a: rulesOf('self > 5') } }] }
  expect(broken(schema, { a: 1 })).toEqual(['spec.a: Invalid value: "integer": failed rule: self > 5'])
  expect(refused({ ...objectOf({ a: int }), anyOf: [{ properties: { a: rulesOf('self > 5') } }] })).toEqual([
    'schema.properties[spec].anyOf[0].properties[a].x-kubernetes-validations: Forbidden: must be empty to be structural',
  ])
})

describe('a schema is refused for a rule', () => {
  const at = 'schema.properties[spec].x-kubernetes-validations[0]'
  it.each<readonly [string, Rule, string | RegExp]>([
    [
      'that cannot be read',
      'self.a +',
      /\.rule: Invalid value: \{"Rule":"self\.a \+".*\}: compilation failed: ERROR: <input>:1:9: Syntax error: mismatched input '<EOF>'/s,
    ],
    [
      'about a field that is not there',
      'self.b == 1',
      /compilation failed: ERROR: <input>:1:5: undefined field 'b'\n \| self\.b == 1\n \| \.{4}\^/,
    ],
    ['of other types', 'self.a == "x"', /found no matching overload for '_==_' applied to '\(int, string\)'/],
    ['that is no condition', 'self.a', /cel expression must evaluate to a bool/],
    ['about what has no schema', 'self.open.x == 1', /undefined field 'open'/],
    [
      'with a message that is none',
      { rule: 'self.a > 1', message: ' ' },
      'message: Invalid value: " ": message must be non-empty if specified',
    ],
    [
      'with lines in its message',
      { rule: 'self.a > 1', message: 'a\nb' },
      'message: Invalid value: "a\\nb": message must not contain line breaks',
    ],
    [
      'of two lines without a message',
      'self.a > 1 ||\nself.a < 0',
      'message: Required value: message must be specified if rule contains line breaks',
    ],
    ['with a message of another type', { rule: 'self.a > 1', messageExpression: 'self.a' }, /messageExpression must evaluate to a string/],
    [
      'about a field of no object',
      { rule: 'self.a > 1', fieldPath: '.b' },
      'fieldPath: Invalid value: ".b": fieldPath must be a valid path: does not refer to a valid field',
    ],
    ['for a reason of no error', { rule: 'self.a > 1', reason: 'Other' }, /reason: Unsupported value: "Other"/],
    [
      'that has no use for what it asks for',
      { rule: 'self.a > 1', optionalOldSelf: true },
      'optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule',
    ],
  ])('%s', (_, rule, wanted) => {
    const [error = '', ...others] = refused(objectOf({ a: int, open: { 'x-kubernetes-preserve-unknown-fields': true } }, rule))
    expect(others).toEqual([])
    if (typeof wanted === 'string') expect(error).toBe(`${at}.${wanted}`)
    else expect(error).toMatch(wanted)
  })
})

describe('the budget', () => {
  const list = { type: 'array', items: int }
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  it('of a rule ends it and all that come after it', () => {
    const rule = 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))'
    expect(broken(objectOf({ list, a: int }, rule, 'self.a > 5'), { list: numbers, a: 1 })).toEqual([
      `spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`,
    ])
  })
  it('of an object is that of all its rules', () => {
    const rules = Array.from({ length: 30 }, (_, index) => `self.list.all(a, self.list.all(b, a + b >= -${index}))`)
    expect(broken(objectOf({ list }, ...rules), { list: numbers })).toEqual([
      'spec: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ])
  })
})

it('of the object itself, and of one within it, a rule may read what every object has', () => {
  const inner = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }
  const read = readSchema({
    ...{ type: 'object', properties: { spec: objectOf({ pod: { ...inner, ...rulesOf('self.kind == "Pod"') } }) } },
    ...rulesOf('self.metadata.name.startsWith("a") && self.kind == "Gadget"'),
  })
  if (!read.ok || read.checked.rules === undefined) throw new Error(JSON.stringify(read))
  expect(ruleErrors(read.checked.rules, { kind: 'Gadget', metadata: { name: 'a' }, spec: { pod: { kind: 'Pod' } } })).toEqual([])
  expect(ruleErrors(read.checked.rules, { kind: 'Gadget', metadata: { name: 'b' }, spec: { pod: { kind: 'X' } } })).toMatchObject([
    { field: '<nil>', message: 'Invalid value: "object": failed rule: self.metadata.name.startsWith("a") && self.kind == "Gadget"' },
    { field: 'spec.pod', message: 'Invalid value: "object": failed rule: self.kind == "Pod"' },
  ])
})
