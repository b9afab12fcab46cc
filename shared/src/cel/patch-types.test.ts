import { expect, it } from 'vitest'
import { Budget, OutOfBudget } from './budget.ts'
import { celLimits } from './limits.ts'
import { objectType, patchTypes } from './patch-types.ts'
import { plainValueOf } from './plain-values.ts'
import { compileExpression } from './program.ts'
import { jsonOf, NoJson } from './to-json.ts'
import * as t from './types.ts'
import { Fault } from './values.ts'

const object = { spec: { replicas: 2, items: [{ name: 'a' }], at: '2026-01-01T00:00:00Z' } }

function made(source: string, root: string | undefined = undefined): unknown {
  const compiled = compileExpression(source, new Map([['object', t.dyn]]), patchTypes)
  if (!compiled.ok) return compiled.why.split('\n')[0]
  const budget = new Budget(celLimits.perCall)
  const value = compiled.program.evaluate([plainValueOf(object)], budget)
  if (value instanceof Fault) return value.message
  try {
    return jsonOf(value, { budget, root })
  } catch (error) {
    if (error instanceof NoJson) return error.message
    throw error
  }
}

it.each<[string, unknown]>([
  ['Object{}', {}],
  ['Object{spec: Object.spec{replicas: object.spec.replicas + 1,}}', { spec: { replicas: 3 } }],
  ['.Object{metadata: Object.metadata{namespace: "x", labels: {"a": "b"}}}', { metadata: { namespace: 'x', labels: { a: 'b' } } }],
  ['Object{?a: optional.none(), ?b: optional.of(1), c: optional.none()}', { b: 1, c: null }],
  [
    'Object{a: b"ab", b: 1u, c: 1.5, d: duration("90s"), e: timestamp(object.spec.at), f: [true], g: null}',
    { a: 'YWI=', b: 1, c: 1.5, d: '90s', e: '2026-01-01T00:00:00Z', f: [true], g: null },
  ],
  ['Object{a: 9223372036854775807}', { a: 9223372036854775807n }],
  ['Object{spec: object.spec}', { spec: object.spec }],
  ['Object{a: 1}.a == 1 && has(Object{a: 1}.a) && !has(Object{}.a)', true],
  ['Object{a: 1} == Object{a: 1} && Object.a{} != Object.b{}', 'found no matching overload'],
  ['dyn(Object.a{}) != dyn(Object.b{}) && Object.a{b: 1} == Object.a{b: 1}', true],
  ['type(Object.a{}) == Object.a && string(type(JSONPatch{})) == "JSONPatch"', 'found no matching overload'],
  ['type(Object.a{}) == Object.a && type(JSONPatch{}) == JSONPatch', true],
  ['[JSONPatch{op: "test", path: "/a", value: Object.b{c: [1]}}]', [{ op: 'test', path: '/a', value: { c: [1] } }]],
  ['object.spec.items.map(i, Object.spec.items{name: i.name + "x"})', [{ name: 'ax' }]],
  [
    'JSONPatch{}.op == "" && JSONPatch{from: "a"}.from == "a" && !has(JSONPatch{}.path) && !has(JSONPatch{}.value) && has(JSONPatch{op: "a"}.op)',
    true,
  ],
  ['JSONPatch{op: "a", value: 1} == JSONPatch{op: "a", value: 1} && JSONPatch{value: "1"} != JSONPatch{value: 1}', true],
  ['jsonpatch.escapeKey("k8s.io/my~label")', 'k8s.io~1my~0label'],
  ['true ? Object.a{} : null', {}],
])('%s', (source, value) => {
  const found = made(source)
  if (typeof value === 'string' && value.startsWith('found ')) expect(found).toContain(value)
  else expect(found).toEqual(value)
})

it.each<[string, string]>([
  ['Objects{}', "1:8: undeclared reference to 'Objects' (in container '')"],
  ['Object.spec', 'a value of type type is no JSON'],
  ['object{}', "1:7: 'object' is not a type"],
  ['google.protobuf.Duration{}', "'google.protobuf.Duration' is not a message type"],
  ['JSONPatch{op: 1}', "1:13: expected type of field 'op' is 'string' but provided type is 'int'"],
  ['JSONPatch{nothing: 1}', "undefined field 'nothing'"],
  ['JSONPatch{op: "a"}.nothing', "undefined field 'nothing'"],
  ['JSONPatch{op: object.spec.replicas}', "unexpected type int64 for JSONPatchType 'op' field"],
  ['[Object.a{}, Object.b{}]', "expected type 'Object.a' but found 'Object.b'"],
  ['[JSONPatch{}, 1]', "expected type 'JSONPatch' but found 'int'"],
  ['Object{?a: 1}', "expected type 'optional_type(dyn)' but found 'int'"],
  ['Object{a: 1', 'Syntax error'],
  ['Object{a 1}', 'Syntax error'],
  ['Object{1: 1}', "Syntax error: mismatched input '1' expecting"],
  ['Object{a: 1}{b: 1}', 'Syntax error'],
  ['Object{in: 1}', 'Syntax error'],
  ['[Object{}].all(i, i.x)', 'no such key: x'],
  ['Object{}.all(i, true)', "expression of type 'Object' cannot be range of a comprehension"],
  ['Object{a: {1: 2}}', 'map key "1" is of type int, not string'],
  ['Object{a: quantity("1")}', 'a value of type kubernetes.Quantity is no JSON'],
  ['Object{a: 1.0 / 0.0}', 'JSON has no number Infinity'],
  ['Object{a: object.nothing}', 'no such key: nothing'],
])('%s is told: %s', (source, what) => {
  expect(String(made(source))).toContain(what)
})

it.each<[string, string]>([
  [
    'Object{spec: Object.specx{}}',
    'unexpected type name "Object.specx", expected "Object.spec", which matches field name path from root Object type',
  ],
  [
    'Object{spec: Object.spec{l: [Object.spec.l{}, Object.spec.l{m: {"k": Object.spec.m{}}}]}}',
    'unexpected type name "Object.spec.m", expected "Object.spec.l.m"',
  ],
])('%s does not stand where its name says', (source, what) => {
  expect(made(source, objectType.name)).toContain(`type mismatch: ${what}`)
  expect(typeof made(source)).toBe('object')
})

it('none of it is known where nothing is changed', () => {
  const why = (source: string) => {
    const compiled = compileExpression(source, new Map())
    return compiled.ok ? '' : compiled.why.split('\n')[0]
  }
  expect(why('Object{}')).toBe("ERROR: <input>:1:7: undeclared reference to 'Object' (in container '')")
  expect(why('type(1) == JSONPatch')).toContain("undeclared reference to 'JSONPatch'")
  expect(why('jsonpatch.escapeKey("a")')).toContain('undeclared reference to')
})

it('what an expression puts into itself over and over is paid for, and no deeper than a body may be', () => {
  const doubled = `${'[1].map(a, ['.repeat(1)}1])`
  expect(made(doubled)).toEqual([[1]])
  const wide = ['a', 'b', 'c', 'd', 'e', 'f'].reduce(
    (inner, name) => `[${inner}].map(${name}, [${Array.from({ length: 20 }, () => name).join()}])`,
    '"x"',
  )
  expect(() => made(wide)).toThrow(OutOfBudget)
  expect(made(`${'Object{a: '.repeat(120)}1${'}'.repeat(120)}`)).toBeTypeOf('object')
  const deep = Array.from({ length: 100 }).reduce<string>((inner) => `[${inner}].map(i, [i])[0]`, '1')
  expect(made(deep)).toBeDefined()
})
