import type { Expr, FoldExpr } from './ast.ts'
import { isOrdered } from './checked-types.ts'
import { type Scope, within } from './scope.ts'
import * as t from './types.ts'
import { type CelType, dyn, showType } from './types.ts'

/** What a checker does for the parts of an expression. */
export type Checking = {
  typeOf(expr: Expr, scope: Scope): CelType
  /** As far as it is known by now. */
  known(type: CelType): CelType
  fits(wanted: CelType, given: CelType): boolean
  keyType(type: CelType): CelType
  tell(at: number, what: string): CelType
  noOverload(at: number, name: string, types: readonly CelType[], isMember: boolean): CelType
}

/** The type of a macro that goes through a list or a map. */
export function typeOfFold({ name, names, range, condition, body, at }: FoldExpr, scope: Scope, check: Checking): CelType {
  const over = check.known(check.typeOf(range, scope))
  const [key, value] = metIn(over, range.at, check)
  const [first, second] = names
  const met: [string, CelType][] = second === undefined ? [[first, over.tag === 'map' ? key : value]] : [[first, key], [second, value]] // prettier-ignore
  const inner = within(scope, met)
  // What is told is of the calls that a macro stands for.
  const wantBool = (part: Expr, call: string, operands: (found: CelType) => readonly CelType[]): void => {
    const type = check.typeOf(part, inner)
    if (!check.fits(t.bool, type)) check.noOverload(at, call, operands(type), false)
  }
  const chosen = (of: CelType) => (found: CelType) => [found, of, of]
  if (condition !== undefined) wantBool(condition, '_?_:_', chosen(t.listOf(dyn)))
  switch (name) {
    case 'all':
      wantBool(body, '_&&_', (found) => [t.bool, found])
      return t.bool
    case 'exists':
      wantBool(body, '_||_', (found) => [t.bool, found])
      return t.bool
    case 'exists_one':
      wantBool(body, '_?_:_', chosen(t.int))
      return t.bool
    case 'filter':
      wantBool(body, '_?_:_', chosen(t.listOf(met[0]?.[1] ?? dyn)))
      return t.listOf(met[0]?.[1] ?? dyn)
    case 'sortBy': {
      const key = check.known(check.typeOf(body, inner))
      if (!isOrdered(key) || (over.tag !== 'list' && over.tag !== 'dyn'))
        check.noOverload(at, '@sortByAssociatedKeys', [over, t.listOf(key)], true)
      return over.tag === 'list' ? over : t.listOf(dyn)
    }
    case 'map':
    case 'transformList':
      return t.listOf(check.typeOf(body, inner))
    case 'transformMap':
      return t.mapOf(check.keyType(key), check.typeOf(body, inner))
    case 'transformMapEntry': {
      const made = check.known(check.typeOf(body, inner))
      if (made.tag !== 'map' && made.tag !== 'dyn') check.tell(at, `expected type 'map(dyn, dyn)' but found '${showType(made)}'`)
      return made.tag === 'map' ? made : t.mapOf(dyn, dyn)
    }
    default:
      return name satisfies never
  }
}

function metIn(over: CelType, at: number, check: Checking): readonly [CelType, CelType] {
  if (over.tag === 'list') return [t.int, over.item]
  if (over.tag === 'map') return [over.key, over.value]
  if (over.tag !== 'dyn' && over.tag !== 'param')
    check.tell(at, `expression of type '${showType(over)}' cannot be range of a comprehension (must be list, map, or dynamic)`)
  return [dyn, dyn]
}
