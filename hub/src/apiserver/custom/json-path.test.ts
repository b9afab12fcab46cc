import { expect, it } from 'vitest'
import { parseJsonPath } from './json-path.ts'

const object = {
  metadata: { annotations: { 'a.b/c': 'x' } },
  spec: {
    list: [
      { name: 'a', n: 1 },
      { name: 'b', n: 2, deep: { x: true } },
    ],
    text: 'hello',
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
}

it.each([
  ['.spec.text', ['hello']],
  ['{.spec.text}', ['hello']],
  ['.spec.none.of.it', []],
  ['.spec.list[0].name', ['a']],
  ['.spec.list[-1].name', ['b']],
  ['.spec.list[5].name', []],
  ['.spec.list[*].name', ['a', 'b']],
  ['.spec.list[0:1].name', ['a']],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type == 'Other')].status", ['False']],
  ['.spec.list[?(@.n>1)].name', ['b']],
  ['.spec.list[?(@.deep)].name', ['b']],
  ['.spec.list[?(@.deep.x==true)].name', ['b']],
  ['.metadata.annotations.a\\.b/c', ['x']],
  [".metadata.annotations['a.b/c']", ['x']],
  ['.', [object]],
])('%s', (path, found) => {
  expect(parseJsonPath(path)?.(object)).toEqual(found)
})

it.each(['.spec[', '.spec..name', '.list[?(@.a ~ 1)]', '.constructor[', '.a[x]'])('%s is no path', (path) => {
  expect(parseJsonPath(path)).toBeUndefined()
})

it('finds only what is there of its own, and of much no more than anybody looks at', () => {
  expect(parseJsonPath('.constructor.name')?.({})).toEqual([])
  const wide = Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => 1))
  expect(parseJsonPath('.a[*][*]')?.({ a: wide })).toHaveLength(1000)
})
