/**
 * How the numbers of the nodes become 0…100. `percent`: they are that already; `more`: the largest becomes 100; `fewer`: the largest
 * becomes 0, none at all becomes 100; `range`: the largest becomes 100 and the smallest 0, negative ones included.
 */
export type Scale = 'percent' | 'more' | 'fewer' | 'range'

type Weighed = { readonly scale: Scale; readonly weight: number }

/** Adds the numbers of a score, made 0…100 in its way and weighed, to the totals of the nodes. */
export function scaleInto(totals: Float64Array, values: Float64Array, { scale, weight }: Weighed): void {
  const { from, zero, span, times } = lineOf(scale, values)
  for (let index = 0; index < values.length; index += 1)
    totals[index] = (totals[index] ?? 0) + (from + (((values[index] ?? 0) - zero) / span) * times) * weight
}

/** Each way is a straight line: `zero` becomes `from`, and what lies a whole `span` above it so many `times` more. */
type Line = { readonly from: number; readonly zero: number; readonly span: number; readonly times: number }

function lineOf(scale: Scale, values: Float64Array): Line {
  if (scale === 'percent') return { from: 0, zero: 0, span: 1, times: 1 }
  let [largest, smallest] = [-Infinity, Infinity]
  for (const value of values) {
    largest = Math.max(largest, value)
    smallest = Math.min(smallest, value)
  }
  switch (scale) {
    case 'more':
      return largest === 0 ? flat(0) : { from: 0, zero: 0, span: largest, times: 100 }
    case 'fewer':
      return largest === 0 ? flat(100) : { from: 100, zero: 0, span: largest, times: -100 }
    case 'range':
      return largest === smallest ? flat(0) : { from: 0, zero: smallest, span: largest - smallest, times: 100 }
    default:
      return scale satisfies never
  }
}

const flat = (from: number): Line => ({ from, zero: 0, span: 1, times: 0 })
