import { setOwn } from '@bramble/shared/json/own.ts'

/** A deep copy of a JSON value; what is undefined is left out, as JSON would. */
export function cloneJson<T>(value: T): T {
  return clone(value) as T // the copy has the shape of the original
}

function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clone)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[key]
    if (member !== undefined) setOwn(copy, key, clone(member))
  }
  return copy
}

/** Freezes a JSON value all the way down, so that it can be shared. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const key in value) deepFreeze(value[key])
  }
  return value
}
