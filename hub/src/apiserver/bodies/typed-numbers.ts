import { ApiError } from '@bramble/shared/api/api-error.ts'
import { markNumbers, parseExactJson } from '@bramble/shared/json/exact-json.ts'
import { isObject } from '@bramble/shared/json/is-object.ts'
import { ownValue, setOwn } from '@bramble/shared/json/own.ts'
import { goPlace, memberOf } from '@bramble/shared/schema/go-place.ts'
import type { TypeNode } from '@bramble/shared/schema/type-node.ts'

/** A number where its type has none like it. */
export class UnreadableNumber extends ApiError {
  constructor(literal: string, place: string) {
    super('BadRequest', `json: cannot unmarshal number ${literal.slice(0, 100)} into ${place}`)
  }
}

/**
 * Numbers as their types read them, where JavaScript no longer tells how they were written: Go's integers are no `1.0` and no `1e3`, and a
 * quantity is its text. Nearly no text has a number with a point or an exponent, and costs a look. `value` is what the text says, `nodeOf`
 * the type of each of its values that has one.
 */
export function typedNumbers(text: string, value: unknown, read: (marked: unknown, resolve: Resolve) => unknown): unknown {
  if (!/\d[.eE]/.test(text)) return value
  const mark = `number:${crypto.randomUUID()}:`
  const marked = markNumbers(text, mark, (literal) => /[.eE]/.test(literal))
  if (marked === text) return value
  const resolve: Resolve = (of, part) => resolved(of && nodeAt(of), part, { mark, of, isPlain: false })
  return read(parseExactJson(marked), resolve)
}

/** A value in an object of the root's type; without one, of no type. */
export type ValueOf = { readonly root: TypeNode; readonly path: readonly PropertyKey[] } | undefined

export type Resolve = (of: ValueOf, part: unknown) => unknown

type Place = { readonly mark: string; readonly of: ValueOf; readonly isPlain: boolean }

/** Changes the value, which nobody else has. */
function resolved(node: TypeNode | undefined, value: unknown, place: Place): unknown {
  if (typeof value === 'string') return value.startsWith(place.mark) ? numberOf(node, value.slice(place.mark.length), place) : value
  if (Array.isArray(value)) {
    const list = node?.tag === 'list' ? node : undefined
    for (const [index, item] of value.entries())
      value[index] = resolved(list?.item, item, { ...place, of: within(place.of, index), isPlain: list?.plain ?? false })
    return value
  }
  if (!isObject(value)) return value
  const isPlain = (node?.tag === 'object' || node?.tag === 'map') && node.plain
  for (const [key, member] of Object.entries(value)) {
    setOwn(value, key, resolved(memberOf(node, key), member, { ...place, of: within(place.of, key), isPlain }))
  }
  return value
}

const within = (of: ValueOf, key: PropertyKey): ValueOf => of && { ...of, path: [...of.path, key] }

function numberOf(node: TypeNode | undefined, literal: string, { of, isPlain }: Place): unknown {
  if (node?.tag === 'scalar' && !isPlain) {
    if (node.format === 'quantity') return literal
    if (node.type === 'integer' || node.format === 'int-or-string')
      throw new UnreadableNumber(literal, goPlace(of?.root ?? node, of?.path ?? []))
  }
  return Number(literal)
}

const nodeAt = ({ root, path }: NonNullable<ValueOf>): TypeNode | undefined =>
  path.reduce<TypeNode | undefined>((node, key) => memberOf(node, String(key)), root)

/** What a JSON pointer leads to. */
const keysOf = (pointer: unknown): readonly string[] =>
  typeof pointer === 'string' && pointer !== ''
    ? pointer
        .slice(1)
        .split('/')
        .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    : []

/** The values in the steps of a JSON patch. */
export function stepValues(root: TypeNode, patch: unknown, resolve: Resolve): unknown {
  if (!Array.isArray(patch)) return resolve(undefined, patch)
  return patch.map((step: unknown) => {
    if (!isObject(step)) return resolve(undefined, step)
    const of = { root, path: keysOf(ownValue(step, 'path')) }
    for (const [key, member] of Object.entries(step)) setOwn(step, key, resolve(key === 'value' ? of : undefined, member))
    return step
  })
}
