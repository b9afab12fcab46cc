import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../schema/structural/json-schema.ts'
import { compileExpression } from '../program.ts'
import { celTypeOf } from '../schema-types.ts'
import { dyn } from '../types.ts'
import { declaredSize } from './declared.ts'
import { estimateCost } from './estimate.ts'

function costOf(schema: JsonSchema, rule: string): number {
  const type = celTypeOf(schema) ?? dyn
  const compiled = compileExpression(rule, new Map([['self', type], ['oldSelf', type]])) // prettier-ignore
  const self = declaredSize(schema)
  if (!compiled.ok || self === undefined) throw new Error(compiled.ok ? 'nothing is declared' : compiled.why)
  return estimateCost(compiled.program.expr, compiled.program.typings, self)
}

const list = (items: JsonSchema, maxItems?: number): JsonSchema => ({ type: 'array', items, ...(maxItems !== undefined && { maxItems }) })
const map = (value: JsonSchema, maxProperties?: number): JsonSchema => ({
  ...{ type: 'object', additionalProperties: value },
  ...(maxProperties !== undefined && { maxProperties }),
})
const number: JsonSchema = { type: 'number' }
const text = (maxLength?: number): JsonSchema => ({ type: 'string', ...(maxLength !== undefined && { maxLength }) })

describe('what a rule costs at most is reckoned as by Kubernetes', () => {
  it.each<readonly [string, JsonSchema, string, number]>([
    ['a list without a bound', list(number), 'self.all(x, true)', 4_718_591],
    ['a list with one', list(number, 10), 'self.all(x, true)', 32],
    ['a list of booleans', list({ type: 'boolean' }), 'self.all(x, true)', 1_887_437],
    ['a list of texts', list(text()), 'self.all(x, true)', 3_145_727],
    ['a map without a bound', map(number), 'self.all(x, true)', 1_348_169],
    ['a map with one', map(number, 10), 'self.all(x, true)', 32],
    ['a text without a bound', text(), "self.contains('test')", 314_574],
    ['a text with one', text(10), "self.contains('test')", 5],
    ['a pattern', text(10), "self.matches('[a-z]+')", 11],
    ['texts that are compared', { type: 'object', properties: { a: text(10), b: text(20) } }, 'self.a == self.b', 8],
    ['numbers that are compared', { type: 'object', properties: { a: number, b: number } }, 'self.a == self.b', 4],
    ['a number beside another', { type: 'object', properties: { a: number, b: number } }, 'self.a < self.b', 5],
    ['what is there or not', { type: 'object', properties: { a: number } }, 'has(self.a)', 1],
    ['one of several values', { type: 'string', enum: ['a', 'bbb'] }, "self in ['a', 'b', 'c']", 14],
    ['a place in a list', list(text(10), 10), 'self[0] == self[1]', 8],
    ['a value of a map', map(text(10), 10), "self['a'].size() > 1", 4],
    ['what is made of a list', list(number, 10), 'self.map(x, x + 1.0).all(x, x > 0.0)', 1 + 10 + 10 * (2 + 12) + 1 + 10 * (3 + 2) + 1],
    ['what is left of a list', list(number, 10), 'self.filter(x, x > 1.0).size() > 0', 1 + 10 + 10 * (2 + 13) + 1 + 1 + 1],
    ['exactly one', list(number, 10), 'self.exists_one(x, x > 1.0)', 1 + 10 * (2 + 2) + 2],
    ['some', list(number, 10), 'self.exists(x, x > 1.0)', 1 + 10 * (2 + 4) + 1],
    ['either of two', { type: 'boolean' }, 'self ? self : (self || self)', 3],
    ['texts that are put together', { type: 'object', properties: { a: text(10) } }, "(self.a + 'x' + self.a).size() > 0", 4 + 5 + 9 + 2],
    ['a list in order', list(text(10), 10), 'self.isSorted()', 1 + 10 * (1 + 4)],
    ['pieces of a text', text(100), "self.split(',').all(x, x == 'a')", 1 + 80 + 400 * (3 + 2) + 1],
    ['a replacement', text(10), "self.replace('a', 'bb').size() > 0", 1 + 8 + 2],
    ['sets', list(text(10), 10), "sets.contains(self, ['a', 'b'])", 1 + 10 + 20],
    ['a part of a list', list(number, 10), 'self.slice(0, 3).size() > 0', 1 + 11 + 3 + 2],
    ['a list that is sorted', list(number, 10), 'self.sort()[0] > 1.0', 1 + 11 + 200 + 2],
    ['two names', map(number, 10), 'self.all(k, v, v > 1.0)', 1 + 10 * (3 + 2) + 1],
  ])('%s', (_what, schema, rule, cost) => {
    expect(costOf(schema, rule)).toBe(cost)
  })

  it('what nobody bounds costs more than anything may, and stays a number', () => {
    const cost = costOf(list(list(list(number))), 'self.all(x, x.all(y, y.all(z, self.all(a, a.all(b, b.all(c, c == z))))))')
    expect(cost).toBeGreaterThan(1e15)
    expect(cost).toBeLessThanOrEqual(2 ** 64)
  })
})
