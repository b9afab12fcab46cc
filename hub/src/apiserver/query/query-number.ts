import { badRequest } from '@bramble/shared/api/api-error.ts'

/**
 * A whole number of a query as Go's parser reads it; undefined when it is not given. One that is given without a value says nothing,
 * and must not count as 0: a pod deleted with `gracePeriodSeconds=` would be killed at once.
 */
export function queryNumber(query: URLSearchParams, name: string, least = -Number.MAX_SAFE_INTEGER): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const isNumber = /^[+-]?\d+$/.test(text)
  const value = Number(text)
  if (!isNumber || !Number.isSafeInteger(value))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`)
  if (value >= least) return value
  throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be greater than or equal to ${least}`)
}
