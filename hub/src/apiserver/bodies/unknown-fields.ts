import type { Field, ListNode, MapNode, TypeNode } from '@bramble/shared/schema/type-node.ts'
import { shownName } from '@bramble/shared/api/api-error.ts'
import { setOwn } from '@bramble/shared/json/own.ts'

/** `unknown` holds the paths of what the type does not have, such as `spec.template.spec.containers[0].imag`. */
export type Pruned = { readonly value: unknown; readonly unknown: readonly string[] }

/**
 * What is left of a value when everything its type does not name is taken away, and with it what is not given in Go's eyes: a null,
 * and the zero of a field that Go holds by value (`""`, 0, false, `[]`, `{}`), so that its default applies, nothing of it is stored
 * and it is no change. A zero behind a pointer is a value of its own, and so is everything in plain JSON. Wrong types stay for validation to refuse, `any` subtrees stay
 * whole. The value given is never changed, and is itself the answer when there is nothing to take away. Names match case-sensitively.
 */
export function pruneUnknown(node: TypeNode, value: unknown): Pruned {
  const unknown: string[] = []
  return { value: prune(node, value, '', unknown), unknown }
}

// A body full of nonsense earns a bounded answer.
const maxReported = 100

function prune(node: TypeNode, value: unknown, path: string, unknown: string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  switch (node.tag) {
    case 'any':
    case 'scalar':
      return value
    case 'list':
      return Array.isArray(value) ? pruneList(node, value, path, unknown) : value
    case 'map':
      // A list has keys as well, and with its nulls made zeros would come out as a map.
      if (Array.isArray(value)) return value
      return pruneEntries(value, (key, entry) =>
        entry === null ? nullIn(node, node.value) : isLeaf(entry) ? entry : prune(node.value, entry, join(path, key), unknown),
      )
    case 'object':
      if (Array.isArray(value)) return value
      return pruneEntries(value, (key, entry) => {
        const field = node.fields.get(key)
        if (field !== undefined) {
          const below = isLeaf(entry) ? entry : prune(field.type, entry, join(path, key), unknown)
          if (node.plain) return below
          const kept = below ?? undefined
          return isNotGiven(field, kept) ? undefined : kept
        }
        if (node.open) return entry
        if (unknown.length < maxReported) unknown.push(join(path, key))
        return undefined
      })
    default:
      return node satisfies never
  }
}

/** There is nothing below it to look into, so nobody asks for its path. */
const isLeaf = (value: unknown): boolean => typeof value !== 'object' || value === null

/** Copies only when an entry changes; `undefined` from `next` takes the entry out. */
function pruneEntries(value: object, next: (key: string, entry: unknown) => unknown): object {
  let copy: Record<string, unknown> | undefined
  for (const key of Object.keys(value)) {
    const entry = (value as Record<string, unknown>)[key]
    const kept = next(key, entry)
    if (kept === entry && entry !== undefined) continue
    copy ??= copyOf(value)
    if (kept === undefined) delete copy[key]
    else setOwn(copy, key, kept)
  }
  return copy ?? value
}

function pruneList(node: ListNode, value: readonly unknown[], path: string, unknown: string[]): readonly unknown[] {
  let copy: unknown[] | undefined
  for (let index = 0; index < value.length; index += 1) {
    const entry = value[index]
    const kept = entry === null ? nullIn(node, node.item) : isLeaf(entry) ? entry : prune(node.item, entry, `${path}[${index}]`, unknown)
    if (kept === entry) continue
    copy ??= [...value]
    copy[index] = kept
  }
  return copy ?? value
}

/** A field that must be given keeps its zero, for validation to speak of. So does one whose default is that zero: it is always written. */
function isNotGiven({ type, required, pointer, byValue, default: preset }: Field, value: unknown): boolean {
  if (typeof value === 'string' && type.tag === 'scalar' && (type.format === 'time' || type.format === 'micro-time'))
    return zeroTime.test(value)
  if (typeof value === 'object') {
    if (required || value === null) return false
    if (Array.isArray(value)) return type.tag === 'list' && value.length === 0
    if (type.tag === 'map') return Object.keys(value).length === 0
    return byValue && type.tag === 'object' && Object.entries(value).every(([name, entry]) => entry === type.fields.get(name)?.default)
  }
  if ((value !== '' && value !== 0 && value !== false) || type.tag !== 'scalar' || required || pointer || value === preset) return false
  if (type.format === 'int-or-string') return value !== false
  if (type.type === 'string') return value === '' && (type.format === undefined || type.format === 'bytes')
  return type.type === 'boolean' ? value === false : value === 0
}

/** The moment that Go writes as null. */
const zeroTime = /^0001-01-01T00:00:00(?:[.,]0+)?Z$/

/** Plain JSON has nulls; in Go's lists and maps there are none. */
const nullIn = ({ plain }: ListNode | MapNode, member: TypeNode): unknown => (plain ? null : zeroOf(member))

/** What Go makes of a null in a list or a map. */
function zeroOf(node: TypeNode): unknown {
  switch (node.tag) {
    case 'object':
    case 'map':
      return {}
    case 'list':
      return []
    case 'any':
      return null
    case 'scalar':
      if (node.format === 'quantity' || node.format === 'int-or-string') return 0
      return node.type === 'string' ? '' : node.type === 'boolean' ? false : 0
    default:
      return node satisfies never
  }
}

const join = (path: string, key: string): string => (path === '' ? shownName(key) : `${path}.${shownName(key)}`)

/** `__proto__` as an own key stays one. */
const copyOf = (value: object): Record<string, unknown> => ({ ...value })
