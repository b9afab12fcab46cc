import type { Budget } from './budget.ts'
import type { AuthorizerValue, Check, DecisionValue, GroupCheck, ResourceCheck } from './authorizer-values.ts'
import type { Cidr, Ip, NamedFormat, QuantityValue, Semver, Url } from './own-types.ts'
import { type CelType, readType } from './types.ts'
import type { CelList, CelMap, Duration, Optional, Timestamp, TypeValue, Uint, Value } from './values.ts'

/** One way to call a function. */
export type Overload = {
  readonly name: string
  readonly isMember: boolean
  /** The target is the first. */
  readonly params: readonly CelType[]
  readonly result: CelType
  /** Pays before it works. */
  run(args: readonly Value[], budget: Budget): Value
}

type Known = {
  int: bigint
  uint: Uint
  double: number
  string: string
  bool: boolean
  bytes: Uint8Array
  null: null
  duration: Duration
  timestamp: Timestamp
  URL: Url
  IP: Ip
  CIDR: Cidr
  Quantity: QuantityValue
  Format: NamedFormat
  Semver: Semver
  Authorizer: AuthorizerValue
  PathCheck: Check
  GroupCheck: GroupCheck
  ResourceCheck: ResourceCheck
  Decision: DecisionValue
}
type Arg<T extends string> = T extends keyof Known
  ? Known[T]
  : T extends `list<${string}`
    ? CelList
    : T extends `map<${string}`
      ? CelMap
      : T extends `optional<${string}`
        ? Optional
        : T extends `type<${string}`
          ? TypeValue
          : Value
type Args<T extends string> = T extends '' ? [] : T extends `${infer A}, ${infer R}` ? [Arg<A>, ...Args<R>] : [Arg<T>]
type ArgsOf<S extends string> = S extends `${infer Head}(${infer P}) ${string}`
  ? Head extends `.${string}`
    ? Args<P>
    : Head extends `${infer T}.${string}`
      ? [Arg<T>, ...Args<P>]
      : Args<P>
  : never

/**
 * `size(string) int`, `string.charAt(int) string`, `.sets.contains(list<A>, list<A>) bool`: a function, one of a value, one with a dot in
 * its name. The types of the arguments are read from the text.
 */
export function define<S extends string>(signature: S, run: (...args: [...ArgsOf<S>, Budget]) => Value): Overload {
  const [, head = '', list = '', result = ''] = /^([^(]*)\((.*)\) (\S+)$/.exec(signature) ?? []
  const isMember = head.includes('.') && !head.startsWith('.')
  const dot = head.indexOf('.')
  const params = list === '' ? [] : list.split(', ')
  return {
    name: isMember ? head.slice(dot + 1) : head.replace(/^\./, ''),
    isMember,
    params: [...(isMember ? [head.slice(0, dot)] : []), ...params].map(readType),
    result: readType(result),
    // Called with what fits the signature, which the types were read from.
    run: (args, budget) => run(...([...args, budget] as unknown as [...ArgsOf<S>, Budget])),
  }
}
