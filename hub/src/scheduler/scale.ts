/**
 * How the numbers of the nodes become 0…100. `percent`: they are that already; `more`: the largest becomes 100; `fewer`: the largest
 * becomes 0, none at all becomes 100; `range`: the largest becomes 100 and the smallest 0, negative ones included.
 */
export type Scale = 'percent' | 'more' | 'fewer' | 'range'

type Weighed = { readonly scale: Scale; readonly weight: number }

/** Adds the numbers of a score, made 0…100 in its way and weighed, to the totals of the nodes. */
export function scaleInto(totals: Float64Array, values: Float64Array, { scale, weight }: Weighed): void {
  let [largest, smallest] = [-Infinity, Infinity]
  for (const value of values) {
    largest = Math.max(largest, value)
    smallest = Math.min(smallest, value)
  }
  const scaled = scalerOf(scale, largest, smallest)
  for (let index = 0; index < values.length; index += 1) totals[index] = (totals[index] ?? 0) + scaled(values[index] ?? 0) * weight
}

function scalerOf(how: Scale, largest: number, smallest: number): (value: number) => number {
  switch (how) {
    case 'percent':
      return (value) => value
    case 'more':
      return (value) => (largest === 0 ? 0 : (value / largest) * 100)
    case 'fewer':
      return (value) => (largest === 0 ? 100 : (1 - value / largest) * 100)
    case 'range':
      return (value) => (largest === smallest ? 0 : ((value - smallest) / (largest - smallest)) * 100)
    default:
      return how satisfies never
  }
}
