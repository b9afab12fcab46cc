import type { Expr } from './ast.ts'
import type { CelType } from './types.ts'

/** What names stand for, within what they stand for outside. */
export type Scope = { readonly types: ReadonlyMap<string, CelType>; readonly outer: Scope | undefined }

export const within = (outer: Scope, types: readonly (readonly [string, CelType])[]): Scope => ({ types: new Map(types), outer })

export function lookUp(name: string, scope: Scope): CelType | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    const type = at.types.get(name)
    if (type !== undefined) return type
  }
  return undefined
}

/** Whether a macro binds the name. */
export function hasInner(name: string, scope: Scope): boolean {
  for (let at = scope; at.outer !== undefined; at = at.outer) if (at.types.has(name)) return true
  return false
}

/** Deeper than any name of a function or type. */
const longestName = 5

/** `google.protobuf.Timestamp`, unless the first of it is a variable. */
export function qualifiedName(expr: Expr, scope: Scope, most = longestName): string | undefined {
  if (expr.tag === 'ident') return lookUp(expr.name, scope) === undefined ? expr.name : undefined
  if (expr.tag !== 'select' || expr.isTest || expr.isOptional || most === 0) return undefined
  const before = qualifiedName(expr.of, scope, most - 1)
  return before === undefined ? undefined : `${before}.${expr.field}`
}
