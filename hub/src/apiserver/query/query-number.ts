import { badRequest } from '@bramble/shared/api/api-error.ts'

/**
 * A whole number of a query as Go's parser reads it; undefined when it is not given. One that is given without a value says nothing,
 * and must not count as 0: a pod deleted with `gracePeriodSeconds=` would be killed at once.
 */
export function queryNumber(query: URLSearchParams, name: string, least = -Number.MAX_SAFE_INTEGER): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least) return value
  const bound = least === -Number.MAX_SAFE_INTEGER ? '' : ` greater than or equal to ${least}`
  throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number${bound}`)
}
