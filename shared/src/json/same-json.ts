/**
 * Whether two JSON values say the same: the order of keys is no difference, and a member that is undefined is one that is not there.
 * The prototypes of maps are no difference either.
 */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && isSameList(a, b)
  if (countOf(a) !== countOf(b)) return false
  // Every write compares whole objects a few times: nothing is made on the way.
  for (const key in a) {
    const value = own(a, key)
    if (value !== undefined && !isSameJson(value, own(b, key))) return false
  }
  return true
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (!isSameJson(a[index], b[index])) return false
  return true
}

const own = (object: object, key: string): unknown => (Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined)

function countOf(object: object): number {
  let count = 0
  for (const key in object) if (own(object, key) !== undefined) count++
  return count
}
