import { expect, test } from 'vitest'
import { isSameJson } from './same-json.ts'

const nobodys = (entries: object): object => Object.assign(Object.create(null) as object, entries)

test.each<[string, unknown, unknown, boolean]>([
  ['the order of keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, true],
  ['an undefined member', { a: 1, b: undefined }, { a: 1 }, true],
  ['the prototype of a map', nobodys({ a: '1' }), { a: '1' }, true],
  ['the order of a list', [1, 2], [2, 1], false],
  ['a longer list', [1], [1, 2], false],
  ['a list and a map', [], {}, false],
  ['a member less', { a: 1, b: 2 }, { a: 1 }, false],
  ['a member instead of another', { a: 1, b: undefined }, { b: 1 }, false],
  ['null and nothing', { a: null }, {}, false],
  ['a key every object inherits', {}, { constructor: Object }, false],
  ['a number and its text', 1, '1', false],
])('%s', (_name, a, b, same) => {
  expect(isSameJson(a, b)).toBe(same)
  expect(isSameJson(b, a)).toBe(same)
})
