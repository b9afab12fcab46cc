import { expect, test } from 'vitest'
import { type Scale, scaleInto } from './scale.ts'

const scaled = (scale: Scale, ...values: number[]) => {
  const totals = new Float64Array(values.length)
  scaleInto(totals, Float64Array.from(values), { scale, weight: 1 })
  return [...totals]
}

// Exactly: nodes that are alike must share the load by chance, and one that is a hair better would get all of it.
test.each<[Scale, number[], number[]]>([
  ['percent', [12.5, 0, 100], [12.5, 0, 100]],
  ['more', [0, 3, 7], [0, (3 / 7) * 100, 100]],
  ['more', [0, 0], [0, 0]],
  ['fewer', [0, 7, 7], [100, 0, 0]],
  ['fewer', [0, 0], [100, 100]],
  ['range', [-3, 4, 0.5], [0, 100, 50]],
  ['range', [5, 5], [0, 0]],
])('%s: %j becomes %j', (scale, values, wanted) => expect(scaled(scale, ...values)).toEqual(wanted))

test('a score is weighed and added to what others have given', () => {
  const totals = Float64Array.of(10, 20)
  scaleInto(totals, Float64Array.of(1, 0), { scale: 'fewer', weight: 3 })
  expect([...totals]).toEqual([10, 320])
})
