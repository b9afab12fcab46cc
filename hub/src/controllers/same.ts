/** The same text whatever the order of keys; an absent field and an undefined one are the same. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sortedKeys) ?? 'null'

export const isSame = (a: unknown, b: unknown): boolean => a === b || canonicalJson(a) === canonicalJson(b)

const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : typeof value === 'bigint'
      ? `${value}n`
      : value
