export type IntOrString = number | string

/** A whole number, or a percentage of `total` rounded `up` or `down`. Throws an Error for a text that is no percentage. */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = percentOf(value)
  if (percent === undefined)
    throw new Error(`invalid value for IntOrString: ${JSON.stringify(value)} is neither an integer nor a percentage like "25%"`)
  const exact = (percent * total) / 100
  return rounding === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

/** 25 for `25%`; undefined for anything else. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value === 'number') return undefined
  const match = /^(\d{1,9})%$/.exec(value)
  return match === null ? undefined : Number(match[1])
}
