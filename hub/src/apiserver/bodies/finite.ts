/** `1e400` as a number of JavaScript is infinite, and would be stored as null: a number that JSON cannot say again. */
export function isFiniteThroughout(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  for (const part of Object.values(value)) if (!isFiniteThroughout(part)) return false
  return true
}

/** Whether a text may say such a number: three digits of an exponent, or more digits than the largest has. Most texts do not. */
export const mayBeInfinite = (text: string): boolean => /\d[eE]\+?\d{3}|\d{309}/.test(text)
