import type * as z from 'zod'
import { setOwn } from '../json/own.ts'
import { mostTelling, saidHere, valueAt } from './schema-error.ts'
import type { Field, TypeNode } from './type-node.ts'

type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

/** What is missing may hide more that is missing in it; nobody nests deeper. */
const mostRounds = 12

/**
 * Reads what the schema refuses for values only, as Go reads it: what is missing is the zero of its type, and a word that is none of a
 * choice stands there as it is. So the rules of the kind can tell everything that is wrong at once. `undefined` where a type is wrong.
 */
export function readInDoubt<T>(schema: z.ZodType<T>, node: TypeNode, value: unknown): T | undefined {
  const copy: unknown = structuredClone(value)
  const restored: { readonly path: Path; readonly value: unknown }[] = []
  for (let round = 0; round < mostRounds; round++) {
    const parsed = schema.safeParse(copy, saidHere)
    if (parsed.success) {
      for (const { path, value: real } of restored) put(parsed.data, path, real)
      return parsed.data
    }
    for (const issue of parsed.error.issues.map(mostTelling)) {
      const found = valueAt(copy, issue.path)
      const stand = issue.code === 'invalid_value' ? issue.values[0] : found === undefined ? zeroFor(issue) : undefined
      if (stand === undefined || issue.path.length === 0 || isTypeOfAll(issue.path)) return undefined
      put(copy, issue.path, stand)
      if (issue.code === 'invalid_value') restored.push({ path: issue.path, value: found ?? '' })
      else if (isPointer(fieldAt(node, issue.path))) restored.push({ path: issue.path, value: undefined })
    }
  }
  return undefined
}

function zeroFor(issue: Issue): unknown {
  if (issue.code !== 'invalid_type') return undefined
  switch (issue.expected) {
    case 'string':
      return ''
    case 'number':
    case 'int':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    case 'object':
    case 'record':
      return {}
    default:
      return undefined
  }
}

/** What an object is at all is no matter of doubt. */
const isTypeOfAll = ([first]: Path): boolean => first === 'kind' || first === 'apiVersion'

/** A struct behind a pointer is missing when it is missing. */
const isPointer = (field: Field | undefined): boolean => field?.pointer === true && field.type.tag === 'object'

function fieldAt(node: TypeNode, path: Path): Field | undefined {
  let at: TypeNode | undefined = node
  let field: Field | undefined
  for (const part of path) {
    field = at?.tag === 'object' ? at.fields.get(String(part)) : undefined
    at = at?.tag === 'list' ? at.item : at?.tag === 'map' ? at.value : field?.type
  }
  return field
}

function put(target: unknown, path: Path, value: unknown): void {
  const parent = valueAt(target, path.slice(0, -1))
  const key = path.at(-1)
  if (typeof parent !== 'object' || parent === null || key === undefined) return
  if (value === undefined) delete (parent as Record<PropertyKey, unknown>)[key]
  else setOwn(parent as Record<string, unknown>, String(key), value)
}
