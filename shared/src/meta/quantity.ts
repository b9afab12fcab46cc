/**
 * A fixed-point number with a unit, as Kubernetes counts resources. The value is exactly `nano` / 10^9; `format` is the
 * family of suffixes it was written in and is printed in.
 */
export type Quantity = { readonly nano: bigint; readonly format: 'decimal' | 'binary' | 'exponent' }

const syntax = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/
const nanoPerUnit = 1_000_000_000n
/** The largest value: 2^63 - 1. Larger ones are capped, as in Kubernetes. */
const largest = (2n ** 63n - 1n) * nanoPerUnit
const binary: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
}
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

/** Reads `100m`, `1.5Gi`, `2e3`. Throws an Error that says what a quantity looks like. */
export function parseQuantity(text: string): Quantity {
  const match = syntax.exec(text)
  if (match === null || text.length > 64) throw new Error(quantityMessage)
  const [, sign, number = '', suffix = ''] = match
  const [whole = '', fraction = ''] = number.split('.')
  const digits = BigInt(whole + fraction)
  const magnitude = magnitudeOf(digits, fraction.length, suffix)
  const capped = magnitude > largest ? largest : magnitude
  return { nano: sign === '-' ? -capped : capped, format: formatOf(suffix) }
}

export const quantityMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

function formatOf(suffix: string): Quantity['format'] {
  if (suffix in binary) return 'binary'
  return /^[eE][+-]?\d/.test(suffix) ? 'exponent' : 'decimal'
}

/** Rounds away from zero below a billionth, as Kubernetes: a request never becomes nothing. */
function magnitudeOf(digits: bigint, decimals: number, suffix: string): bigint {
  const factor = binary[suffix]
  if (factor !== undefined) return divideUp(digits * factor * nanoPerUnit, 10n ** BigInt(decimals))
  const exponent = 9 - decimals + (decimal[suffix] ?? Number(suffix.slice(1)))
  if (digits === 0n) return 0n
  if (exponent > 64) return largest + 1n
  if (exponent >= 0) return digits * 10n ** BigInt(exponent)
  return exponent < -128 ? 1n : divideUp(digits, 10n ** BigInt(-exponent))
}

const divideUp = (a: bigint, b: bigint) => (a % b === 0n ? a / b : a / b + 1n)

/** The canonical text: no fraction, the largest suffix that leaves a whole number. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  if (format === 'binary') {
    const text = formatBinary(nano)
    if (text !== undefined) return text
  }
  return formatDecimal(nano, format === 'exponent')
}

/** Undefined for what binary suffixes cannot say: fractions and amounts below 1024. */
function formatBinary(nano: bigint): string | undefined {
  const magnitude = nano < 0n ? -nano : nano
  if (magnitude < 1024n * nanoPerUnit || nano % nanoPerUnit !== 0n) return undefined
  let value = nano / nanoPerUnit
  let suffix = ''
  for (const next of Object.keys(binary)) {
    if (value % 1024n !== 0n) break
    value /= 1024n
    suffix = next
  }
  return `${value}${suffix}`
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  let value = nano
  let exponent = -9
  while (value % 1000n === 0n && exponent < 18) {
    value /= 1000n
    exponent += 3
  }
  if (asExponent) return exponent === 0 ? `${value}` : `${value}e${exponent}`
  const suffix = Object.keys(decimal).find((name) => decimal[name] === exponent) ?? ''
  return `${value}${suffix}`
}

/** Negative, 0 or positive, as for sorting. */
export const compareQuantities = (a: Quantity, b: Quantity): number => (a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0)

/** The sum keeps the first one's suffixes, unless that one is zero. */
export const addQuantities = (a: Quantity, b: Quantity): Quantity => ({
  nano: a.nano + b.nano,
  format: a.nano === 0n ? b.format : a.format,
})

export const subtractQuantities = (a: Quantity, b: Quantity): Quantity => ({
  nano: a.nano - b.nano,
  format: a.nano === 0n ? b.format : a.format,
})

/** Thousandths, rounded up: what CPU is counted in. */
export function milliOf(text: string): number {
  return Number(ceilDivide(parseQuantity(text).nano, 1_000_000n))
}

/** Whole units, rounded up: bytes, pods. */
export function valueOf(text: string): number {
  return Number(ceilDivide(parseQuantity(text).nano, nanoPerUnit))
}

export const milliQuantity = (milli: number): string => formatQuantity({ nano: BigInt(Math.round(milli)) * 1_000_000n, format: 'decimal' })
export const byteQuantity = (bytes: number): string => formatQuantity({ nano: BigInt(Math.round(bytes)) * nanoPerUnit, format: 'binary' })

const ceilDivide = (a: bigint, b: bigint) => (a > 0n && a % b !== 0n ? a / b + 1n : a / b)
