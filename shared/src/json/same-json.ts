/**
 * Whether two JSON values say the same: the order of keys is no difference, and a member that is undefined is one that is not there.
 * The prototypes of maps are no difference either.
 */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => isSameJson(item, b[index]))
  return countOf(a) === countOf(b) && Object.entries(a).every(([key, value]) => value === undefined || isSameJson(value, own(b, key)))
}

const own = (object: object, key: string): unknown => (Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined)

const countOf = (object: object): number => Object.values(object).filter((value) => value !== undefined).length
