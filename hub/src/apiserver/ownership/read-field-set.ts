import { exactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { type FieldSet, leaf, type MutableSet } from './field-set.ts'

/** A set of fields that somebody else has written, with its names as we write them; undefined: it is none. */
export function readFieldSet(value: unknown): FieldSet | undefined {
  if (value === undefined || value === null) return leaf
  const set = readNode(value)
  if (set === undefined) return undefined
  const { '.': _root, ...fields } = set
  return fields
}

function readNode(value: unknown): FieldSet | undefined {
  if (!isObject(value)) return undefined
  const set: MutableSet = {}
  for (const given of Object.keys(value)) {
    const [element, node] = [given === '.' ? '.' : elementOf(given), readNode(value[given])]
    if (element === undefined || node === undefined) return undefined
    set[element] = element === '.' ? leaf : node
  }
  const isSelf = set['.'] !== undefined && Object.keys(set).length === 1
  return isSelf ? leaf : set
}

function elementOf(given: string): string | undefined {
  const rest = given.slice(2)
  try {
    switch (given.slice(0, 2)) {
      case 'f:':
        return given
      case 'v:':
        return `v:${exactJson(JSON.parse(rest))}`
      case 'i:':
        return /^-?\d{1,15}$/.test(rest) ? given : undefined
      case 'k:':
        return keyElement(JSON.parse(rest))
      default:
        return undefined
    }
  } catch {
    return undefined
  }
}

function keyElement(key: unknown): string | undefined {
  if (!isObject(key)) return undefined
  const names = Object.keys(key).sort()
  return `k:{${names.map((name) => `${JSON.stringify(name)}:${exactJson(key[name])}`).join(',')}}`
}
