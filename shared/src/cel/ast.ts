import type { Constant } from './values.ts'

/** A CEL expression. `at` is the offset that errors about a node point to: the operator, the dot, the bracket. */
export type Expr =
  | { readonly tag: 'const'; readonly value: Constant; readonly at: number }
  | { readonly tag: 'ident'; readonly name: string; readonly at: number }
  | SelectExpr
  | CallExpr
  | { readonly tag: 'list'; readonly items: readonly Element[]; readonly at: number }
  | { readonly tag: 'map'; readonly entries: readonly Entry[]; readonly at: number }
  | MessageExpr
  | FoldExpr
  /** `optMap` and `optFlatMap`: the body with the value of an optional, if it has one. */
  | { readonly tag: 'opt'; readonly isFlat: boolean; readonly of: Expr; readonly name: string; readonly body: Expr; readonly at: number }

export type Element = { readonly value: Expr; readonly isOptional: boolean }
export type Entry = { readonly key: Expr; readonly value: Expr; readonly isOptional: boolean }

/** `Object.spec{replicas: 3}`: a value of a type that has a name. */
export type MessageExpr = {
  readonly tag: 'message'
  readonly name: string
  readonly fields: readonly FieldInit[]
  readonly at: number
}
export type FieldInit = { readonly name: string; readonly value: Expr; readonly isOptional: boolean; readonly at: number }

/** `isTest` is `has(a.b)`, `isOptional` is `a.?b`. */
export type SelectExpr = {
  readonly tag: 'select'
  readonly of: Expr
  readonly field: string
  readonly isTest: boolean
  readonly isOptional: boolean
  readonly at: number
}

/** Operators are functions named as Kubernetes' errors name them: `_+_`, `_[_]`. */
export type CallExpr = {
  readonly tag: 'call'
  readonly name: string
  readonly target: Expr | undefined
  readonly args: readonly Expr[]
  readonly at: number
}

export type FoldName =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'sortBy'

/** A macro that goes through a list or a map, with one name for what it meets or two: index and value, key and value. */
export type FoldExpr = {
  readonly tag: 'fold'
  readonly name: FoldName
  readonly names: readonly [string] | readonly [string, string]
  readonly range: Expr
  readonly condition: Expr | undefined
  readonly body: Expr
  readonly at: number
}
