/** Of a text its characters, of a list its items, of a map its members: at least and at most, in what 64 bits can hold. */
export type Size = { readonly min: number; readonly max: number }

export const most = 2 ** 64

export const unknownSize: Size = { min: 0, max: most }
export const fixed = (size: number): Size => ({ min: size, max: size })

export const plus = (a: number, b: number): number => Math.min(most, a + b)
export const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : Math.min(most, a * b))
/** So many times a part of a unit, rounded up. */
export const part = (size: number, factor: number): number => Math.min(most, Math.ceil(size * factor))

export const added = (a: Size, b: Size): Size => ({ min: plus(a.min, b.min), max: plus(a.max, b.max) })
export const either = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })
