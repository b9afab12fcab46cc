import type { CallExpr, Expr, MessageExpr, SelectExpr } from './ast.ts'
import { instantiate, keep, sameShown, shown, typeOfConstant } from './checked-types.ts'
import type { Overload } from './define.ts'
import type { Extension } from './extension.ts'
import { type Checking, typeOfFold } from './fold-types.ts'
import { namedTypes, overloadsOf } from './functions.ts'
import type { Problem } from './problem.ts'
import { hasInner, lookUp, qualifiedName, type Scope, within } from './scope.ts'
import * as t from './types.ts'
import { type CelType, dyn, fits, resolve, showType } from './types.ts'
import { TypeValue } from './values.ts'

/** What is known of a node: its type and, of a call, the ways in which it may be meant. */
export type Typing = {
  readonly type: CelType
  readonly overloads?: readonly Overload[]
  /** Of a call whose target is the first part of its name (`sets.contains`), or a name that is a type. */
  readonly isQualified?: boolean
  readonly constant?: TypeValue
  /** Of a field by whose whole path a variable is declared (`authorizer.requestResource`). */
  readonly variable?: string
}

export type CheckedExpr = {
  readonly typings: ReadonlyMap<Expr, Typing>
  readonly type: CelType
  readonly problems: readonly Problem[]
}

/** As many as anybody reads. */
const mostProblems = 20

export function check(expr: Expr, variables: ReadonlyMap<string, CelType>, extension?: Extension): CheckedExpr {
  const checker = new Checker(extension)
  const type = checker.typeOf(expr, { types: variables, outer: undefined })
  return { typings: checker.typings, type: resolve(type, checker.bound), problems: checker.problems.slice(0, mostProblems) }
}

class Checker implements Checking {
  readonly typings = new Map<Expr, Typing>()
  readonly problems: Problem[] = []
  readonly bound = new t.Bindings()
  readonly #extension: Extension | undefined
  #fresh = 0

  constructor(extension: Extension | undefined) {
    this.#extension = extension
  }

  typeOf(expr: Expr, scope: Scope): CelType {
    const typing = this.#typing(expr, scope)
    this.typings.set(expr, typing)
    return typing.type
  }

  #typing(expr: Expr, scope: Scope): Typing {
    switch (expr.tag) {
      case 'const':
        return { type: typeOfConstant(expr.value) }
      case 'ident':
        return this.#named(expr.name, expr.at, scope)
      case 'select':
        return this.#select(expr, scope)
      case 'call':
        return this.#call(expr, scope)
      case 'list': {
        const item = this.#join(
          expr.items.map(({ value, isOptional }) => this.#unwrapped(value, isOptional, scope)),
          expr.items.map(({ value }) => value.at),
        )
        return { type: t.listOf(item) }
      }
      case 'map': {
        const keys = expr.entries.map(({ key }) => this.typeOf(key, scope))
        const values = expr.entries.map(({ value, isOptional }) => this.#unwrapped(value, isOptional, scope))
        const key = this.#join(
          keys,
          expr.entries.map(({ key: { at } }) => at),
        )
        const value = this.#join(
          values,
          expr.entries.map(({ value: { at } }) => at),
        )
        return { type: t.mapOf(this.keyType(key), value) }
      }
      case 'message':
        return { type: this.#message(expr, scope) }
      case 'fold':
        return { type: typeOfFold(expr, scope, this) }
      case 'opt': {
        const of = this.known(this.typeOf(expr.of, scope))
        if (of.tag !== 'optional' && of.tag !== 'dyn') this.noOverload(expr.at, expr.isFlat ? 'optFlatMap' : 'optMap', [of], true)
        const body = this.typeOf(expr.body, within(scope, [[expr.name, of.tag === 'optional' ? of.of : dyn]]))
        return { type: expr.isFlat ? body : t.optionalOf(body) }
      }
      default:
        return expr satisfies never
    }
  }

  tell(at: number, what: string): CelType {
    this.problems.push({ at, what })
    return dyn
  }

  fits(wanted: CelType, given: CelType): boolean {
    return fits(wanted, given, this.bound)
  }

  known(type: CelType): CelType {
    return resolve(type, this.bound)
  }

  #any(): CelType {
    return { tag: 'param', name: `#${this.#fresh++}` }
  }

  /** Keys without parts keep types as small as the expression is. */
  keyType(type: CelType): CelType {
    const key = this.known(type)
    return key.tag === 'simple' || key.tag === 'param' ? key : dyn
  }

  #named(name: string, at: number, scope: Scope): Typing {
    const type = lookUp(name, scope)
    if (type !== undefined) return { type }
    const constant = this.#typeNamed(name)
    if (constant !== undefined) return { type: { tag: 'type', of: dyn }, constant, isQualified: true }
    return { type: this.tell(at, `undeclared reference to '${shown(name)}' (in container '')`) }
  }

  #typeNamed(name: string | undefined): TypeValue | undefined {
    if (name === undefined) return undefined
    return namedTypes.get(name) ?? (this.#extension?.typeNamed(name) === undefined ? undefined : new TypeValue(name))
  }

  #overloadsOf(name: string): readonly Overload[] {
    const known = overloadsOf(name)
    return known.length > 0 ? known : (this.#extension?.overloadsOf(name) ?? [])
  }

  #message({ name, fields, at }: MessageExpr, scope: Scope): CelType {
    const known = lookUp(name, scope) === undefined ? this.#extension?.typeNamed(name) : undefined
    for (const { name: field, value, isOptional, at: place } of fields) {
      const given = this.#unwrapped(value, isOptional, scope)
      if (known === undefined) continue
      const wanted = this.#fieldType(known, field, place)
      if (!fits(wanted, given, this.bound))
        this.tell(
          place,
          `expected type of field '${shown(field)}' is '${showType(this.known(wanted))}' but provided type is '${showType(this.known(given))}'`,
        )
    }
    if (known !== undefined) return known
    if (lookUp(name, scope) !== undefined) return this.tell(at, `'${shown(name)}' is not a type`)
    if (namedTypes.has(name)) return this.tell(at, `'${shown(name)}' is not a message type`)
    return this.tell(at, `undeclared reference to '${shown(name)}' (in container '')`)
  }

  #select(expr: SelectExpr, scope: Scope): Typing {
    const { of, field, at, isOptional, isTest } = expr
    const constant = isTest || isOptional ? undefined : this.#typeNamed(qualifiedName(expr, scope))
    if (constant !== undefined) return { type: { tag: 'type', of: dyn }, constant, isQualified: true }
    const variable = isTest || isOptional ? undefined : this.#variableAt(expr, scope)
    if (variable !== undefined) return variable
    const given = this.known(this.typeOf(of, scope))
    const isWrapped = given.tag === 'optional'
    const type = this.#fieldType(isWrapped ? given.of : given, field, at)
    if (isTest) return { type: t.bool }
    return { type: isOptional || isWrapped ? t.optionalOf(type) : type }
  }

  /** A variable with a dot in its name, unless a macro has given what stands before the dot another meaning. */
  #variableAt({ of, field }: SelectExpr, scope: Scope): Typing | undefined {
    if (of.tag !== 'ident') return undefined
    const variable = `${of.name}.${field}`
    const type = lookUp(variable, scope)
    if (type === undefined || hasInner(of.name, scope)) return undefined
    return { type, variable }
  }

  #fieldType(type: CelType, field: string, at: number): CelType {
    switch (type.tag) {
      case 'object':
        return type.fields.get(field) ?? (type.message === 'open' ? dyn : this.tell(at, `undefined field '${shown(field)}'`))
      case 'map':
        return type.value
      case 'dyn':
      case 'param':
        return dyn
      default:
        return this.tell(at, `type '${showType(type)}' does not support field selection`)
    }
  }

  #call(expr: CallExpr, scope: Scope): Typing {
    const { target, args, at } = expr
    const qualified =
      target === undefined
        ? undefined
        : qualifiedName({ tag: 'select', of: target, field: expr.name, isTest: false, isOptional: false, at }, scope)
    const isQualified = qualified !== undefined && this.#overloadsOf(qualified).length > 0
    const name = isQualified ? qualified : expr.name
    const isMember = target !== undefined && !isQualified
    const types = [...(isMember ? [this.typeOf(target, scope)] : []), ...args.map((arg) => this.typeOf(arg, scope))]
    if (name === '_&&_' || name === '_||_') return this.#logical(name, types, at)
    const known = this.#overloadsOf(name)
    if (known.length === 0) return { type: this.tell(at, `undeclared reference to '${shown(name)}' (in container '')`), isQualified }
    const overloads: Overload[] = []
    let type: CelType | undefined
    for (const overload of known) {
      if (overload.isMember !== isMember || overload.params.length !== types.length) continue
      const mark = this.bound.mark
      const result = this.#tried(overload, types)
      if (result === undefined) {
        this.bound.backTo(mark)
        continue
      }
      overloads.push(overload)
      type = type === undefined || sameShown(this.known(type), this.known(result)) ? result : dyn
      // What several ways may be meant by binds nothing.
      if (types.some((given) => this.known(given).tag === 'dyn')) {
        type = this.known(type)
        this.bound.backTo(mark)
      } else break
    }
    if (type === undefined) return { type: this.noOverload(at, name, types, isMember), isQualified }
    return { type, overloads, isQualified }
  }

  #logical(name: string, types: readonly CelType[], at: number): Typing {
    if (!types.every((type) => this.fits(t.bool, type))) this.noOverload(at, name, types, false)
    return { type: t.bool, overloads: [] }
  }

  /** The result of a call, if its arguments fit. */
  #tried({ params, result }: Overload, types: readonly CelType[]): CelType | undefined {
    const names = new Map<string, CelType>()
    const own = (type: CelType): CelType => instantiate(type, (name) => names.get(name) ?? keep(names, name, this.#any()))
    return params.every((param, index) => this.fits(own(param), types[index] ?? dyn)) ? own(result) : undefined
  }

  noOverload(at: number, name: string, types: readonly CelType[], isMember: boolean): CelType {
    const [first, ...rest] = types.map((type) => showType(this.known(type)))
    const applied = isMember ? `${first}.(${rest.join(', ')})` : `(${[first, ...rest].filter((text) => text !== undefined).join(', ')})`
    return this.tell(at, `found no matching overload for '${shown(name)}' applied to '${applied}'`)
  }

  #unwrapped(value: Expr, isOptional: boolean, scope: Scope): CelType {
    const type = this.typeOf(value, scope)
    if (!isOptional) return type
    const known = this.known(type)
    if (known.tag === 'optional') return known.of
    return known.tag === 'dyn' ? dyn : this.tell(value.at, `expected type 'optional_type(dyn)' but found '${showType(known)}'`)
  }

  /** Of the items of a literal, which are all of one type. */
  #join(types: readonly CelType[], places: readonly number[]): CelType {
    let joined: CelType | undefined
    types.forEach((type, index) => {
      if (joined === undefined) joined = type
      else if (!this.fits(joined, type))
        this.tell(places[index] ?? 0, `expected type '${showType(this.known(joined))}' but found '${showType(this.known(type))}'`)
    })
    return joined ?? this.#any()
  }
}
