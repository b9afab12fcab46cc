import { isObject } from '@bramble/shared/json/is-object.ts'
import type { ScalarNode, TypeNode } from '@bramble/shared/schema/type-node.ts'

/**
 * Why what a strategic merge made is no object of its type, in the words of Kubernetes' converter, which makes objects of maps and not of
 * JSON text. Undefined where it has no words of its own: for texts that are no time or no quantity, and for numbers too large.
 */
export function restoreWords(node: TypeNode, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  switch (node.tag) {
    case 'any':
      return undefined
    case 'object':
      if (!isObject(value)) return `cannot restore struct from: ${kindOf(value)}`
      return firstOf(node.fields.values(), ({ name, type }) => restoreWords(type, Object.hasOwn(value, name) ? value[name] : undefined))
    case 'map':
      if (!isObject(value)) return `cannot restore map from ${kindOf(value)}`
      return firstOf(Object.values(value), (each) => restoreWords(node.value, each))
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`
      return firstOf(value, (each) => restoreWords(node.item, each))
    case 'scalar':
      return ofScalar(node, value)
    default:
      return node satisfies never
  }
}

function ofScalar({ type, format }: ScalarNode, value: unknown): string | undefined {
  // These read themselves, from JSON.
  if (format === 'time' || format === 'micro-time' || format === 'quantity' || format === 'int-or-string') return undefined
  const kind = kindOf(value)
  if (format === 'bytes') return kind === 'string' ? undefined : `cannot restore slice from ${kind}`
  const wanted = type === 'integer' ? (format ?? 'int64') : type === 'number' ? 'float64' : type === 'boolean' ? 'bool' : 'string'
  const isNumber = kind === 'int64' || kind === 'float64'
  if (kind === wanted || (isNumber && type === 'number')) return undefined
  if (type === 'integer' && isNumber) return kind === 'float64' ? `cannot convert float64 to ${wanted}` : undefined
  return kind === 'int64' && type === 'string' ? 'cannot convert int64 to string' : `unrecognized type: ${wanted}`
}

function firstOf<T>(values: Iterable<T>, why: (value: T) => string | undefined): string | undefined {
  for (const value of values) {
    const found = why(value)
    if (found !== undefined) return found
  }
  return undefined
}

/** What Go holds a value of JSON as. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map'
}

/** A value as Go prints it: `map[metadata:map[labels:invalid]]`. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (!isObject(value)) return value === null ? '<nil>' : String(value)
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1))
  return `map[${keys.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`
}
