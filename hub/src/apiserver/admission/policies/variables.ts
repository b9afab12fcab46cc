import type { Expression } from '@bramble/shared/cel/admission/compile.ts'
import { CelMap, Fault, type Value } from '@bramble/shared/cel/values.ts'
import { type Purse, type ValueOf, valueWithin } from '../matching/evaluate.ts'

type Named = { readonly name: string; readonly expression: Expression }

/** `variables`: each is worked out when it is first read, and pays from the same purse. */
export class Variables extends CelMap {
  readonly isObject = true
  readonly #named: ReadonlyMap<string, Expression>
  readonly #valueOf: ValueOf
  readonly #purse: Purse
  readonly #made = new Map<string, Value>()

  constructor(variables: readonly Named[], valueOf: ValueOf, purse: Purse) {
    super()
    this.#named = new Map(variables.map(({ name, expression }) => [name, expression]))
    this.#valueOf = valueOf
    this.#purse = purse
  }

  get size(): number {
    return this.#named.size
  }

  keys(): readonly string[] {
    return [...this.#named.keys()]
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const expression = this.#named.get(key)
    if (expression === undefined) return undefined
    const value = this.#valueFor(key, expression)
    this.#made.set(key, value)
    return value
  }

  #valueFor(name: string, expression: Expression): Value {
    if (!expression.ok) return new Fault(`composited variable ${JSON.stringify(name)} fails to compile: ${expression.why}`)
    const value = valueWithin(expression, this.#valueOf, this.#purse)
    return value instanceof Fault ? new Fault(`composited variable ${JSON.stringify(name)} fails to evaluate: ${value.message}`) : value
  }
}
