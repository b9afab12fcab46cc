import { isObject } from '@bramble/shared/json/is-object.ts'

/** The same text whatever the order of keys; an absent field and an undefined one are the same. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sortedKeys) ?? 'null'

const sortedKeys = (_key: string, value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    : typeof value === 'bigint'
      ? `${value}n`
      : value
