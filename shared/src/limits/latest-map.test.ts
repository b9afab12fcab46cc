import { expect, test } from 'vitest'
import { LatestMap } from './latest-map.ts'

const keysOf = <K, V>(map: LatestMap<K, V>) => [...map].map(([key]) => key)

test('what was set longest ago makes room, and setting again makes new', () => {
  const map = new LatestMap<string, number>({ count: 2 })
  for (const key of ['a', 'b', 'a', 'c']) map.set(key, 1)
  expect(keysOf(map)).toEqual(['a', 'c'])
  expect([map.get('a'), map.get('b'), map.count]).toEqual([1, undefined, 2])
})

test('what all take together is bounded, also after changes and deletions; what is too large alone is not kept', () => {
  const map = new LatestMap<string, string>({ count: 10, size: 10, sizeOf: (text) => text.length })
  for (const key of ['a', 'b', 'c']) map.set(key, 'four')
  expect(keysOf(map)).toEqual(['b', 'c'])
  map.set('b', 'b')
  map.delete('c')
  map.delete('c')
  for (const key of ['d', 'e']) map.set(key, 'four')
  expect(keysOf(map)).toEqual(['b', 'd', 'e'])
  map.set('f', 'more than ten')
  expect(keysOf(map)).toEqual([])
  map.set('g', 'four')
  expect(keysOf(map)).toEqual(['g'])
})
