import type { Field, ObjectNode, TypeNode } from './type-node.ts'

/**
 * The value with what Go writes whether it was given or not: structs, which are empty then, and times, which are null. Clients written
 * against that form read through them. What is given stays as it is and is shared; nothing is changed in place.
 */
export function withWritten<T>(node: TypeNode, value: T): T {
  return written(node, value) as T // only members are added to it
}

/** Of an object that is stored: its spec and its metadata are as they were given, by which a change of them is told. */
export function withWrittenParts<T extends object>(node: TypeNode, object: T): T {
  if (node.tag !== 'object' || node.plain) return object
  return withMembers(
    object,
    planOf(node).filter(({ name }) => !asGiven.has(name)),
  )
}

/** Whether a member of what is stored was given, and does not stand there because one always does. */
export const isTold = (value: unknown): boolean =>
  value !== undefined && value !== null && !(typeof value === 'object' && Object.keys(value).length === 0)

const asGiven = new Set(['metadata', 'spec', 'template', 'apiVersion', 'kind'])

type Member = { readonly name: string; readonly type: TypeNode; readonly absent: (() => unknown) | undefined }

// A memo, not state: nodes never change.
const plans = new WeakMap<ObjectNode, readonly Member[]>()

/** The members that are written always, and those in which there are such. */
function planOf(node: ObjectNode, above: readonly ObjectNode[] = []): readonly Member[] {
  const known = plans.get(node)
  if (known !== undefined) return known
  const plan = [...node.fields.values()].flatMap((field) => {
    const absent = absentOf(field)
    return absent !== undefined || hasWritten(field.type, [...above, node]) ? [{ name: field.name, type: field.type, absent }] : []
  })
  if (above.length === 0) plans.set(node, plan)
  return plan
}

/** What stands for one that was not given; undefined: nothing does. */
function absentOf({ type, byValue }: Field): (() => unknown) | undefined {
  if (!byValue) return undefined
  return type.tag === 'object' ? () => emptyOf(type) : () => null
}

/** A struct of which nothing was given has the zeros of what it always has. */
const emptyOf = (node: ObjectNode): object =>
  withMembers(Object.fromEntries([...node.fields.values()].flatMap((field) => zeroOf(field))), planOf(node))

function zeroOf({ name, type, required, default: preset }: Field): readonly (readonly [string, unknown])[] {
  if (type.tag !== 'scalar' || (!required && preset === undefined)) return []
  return [[name, preset ?? (type.type === 'string' ? '' : type.type === 'boolean' ? false : 0)]]
}

function hasWritten(node: TypeNode, above: readonly ObjectNode[]): boolean {
  if (node.tag === 'list') return hasWritten(node.item, above)
  return node.tag === 'object' && !node.plain && !above.includes(node) && planOf(node, above).length > 0
}

function written(node: TypeNode, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (node.tag === 'list' && Array.isArray(value)) {
    const items = value.map((item) => written(node.item, item))
    return items.every((item, i) => item === value[i]) ? value : items
  }
  return node.tag === 'object' && !node.plain ? withMembers(value, planOf(node)) : value
}

function withMembers<T extends object>(value: T, plan: readonly Member[]): T {
  const given = value as Readonly<Record<string, unknown>> // its members are read by the names of its type
  let copy: Record<string, unknown> | undefined
  for (const { name, type, absent } of plan) {
    const before = given[name]
    const after = before === undefined ? absent?.() : written(type, before)
    if (after === before) continue
    copy ??= { ...given }
    copy[name] = after
  }
  return (copy ?? value) as T // what it had, it has
}
