import { exactJson, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { setOwn } from '@bramble/shared/json/own.ts'

/**
 * A JSON value as it would be read from its text: without members that are undefined, -0 as 0, and a large integer as a bigint. What is frozen
 * was read once and is shared, and so is all that says the same as its text does.
 */
export function asParsed<T>(value: T): T {
  return parsedOf(value) as T // of the same shape
}

function parsedOf(value: unknown): unknown {
  if (value === 0) return 0
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isSafeInteger(value))) return parseExactJson(exactJson(value))
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  return Array.isArray(value) ? listOf(value) : membersOf(value as Values)
}

type Values = Readonly<Record<string, unknown>>

function listOf(list: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let at = 0; at < list.length; at += 1) {
    const read = parsedOf(list[at] ?? null)
    if (Object.is(read, list[at])) continue
    copy ??= [...list]
    copy[at] = read
  }
  return copy ?? list
}

function membersOf(object: Values): Values {
  let isSame = true
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(object)) {
    const read = parsedOf(object[name])
    if (read === undefined || !Object.is(read, object[name])) isSame = false
    if (read !== undefined) setOwn(copy, name, read)
  }
  return isSame ? object : copy
}
