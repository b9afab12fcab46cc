/** The type of an expression. */
export type CelType =
  | { readonly tag: 'dyn' }
  /** Those without parts, the libraries' own among them. */
  | { readonly tag: 'simple'; readonly name: string }
  | { readonly tag: 'list'; readonly item: CelType }
  | { readonly tag: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly tag: 'optional'; readonly of: CelType }
  | { readonly tag: 'type'; readonly of: CelType }
  /** An object of a schema, by the names that its fields have in expressions. */
  | ObjectType
  /** Any type, the same wherever a signature names it. */
  | { readonly tag: 'param'; readonly name: string }

export type ObjectType = {
  readonly tag: 'object'
  readonly name: string
  readonly fields: ReadonlyMap<string, CelType>
  /** Expressions make values of it by its name. Of an open one any field may be told, and be anything. */
  readonly message?: 'open' | 'closed'
}

export const dyn: CelType = { tag: 'dyn' }
const simple = (name: string): CelType => ({ tag: 'simple', name })
export const int = simple('int')
export const uint = simple('uint')
export const double = simple('double')
export const bool = simple('bool')
export const string = simple('string')
export const bytes = simple('bytes')
export const nullType = simple('null_type')
export const duration = simple('google.protobuf.Duration')
export const timestamp = simple('google.protobuf.Timestamp')
export const listOf = (item: CelType): CelType => ({ tag: 'list', item })
export const mapOf = (key: CelType, value: CelType): CelType => ({ tag: 'map', key, value })
export const optionalOf = (of: CelType): CelType => ({ tag: 'optional', of })

const short: Readonly<Record<string, string>> = {
  ...{ duration: 'google.protobuf.Duration', timestamp: 'google.protobuf.Timestamp', null: 'null_type' },
  ...{ URL: 'kubernetes.URL', IP: 'net.IP', CIDR: 'net.CIDR', Quantity: 'kubernetes.Quantity' },
  ...{ Format: 'kubernetes.NamedFormat', Semver: 'kubernetes.Semver' },
  ...Object.fromEntries(
    ['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((name) => [name, `kubernetes.authorization.${name}`]),
  ),
}

/** `map<string,A>`, as signatures write types: a capital alone is any type. */
export function readType(text: string): CelType {
  const [type, rest] = readPrefix(text)
  if (rest !== '') throw new Error(`type ${JSON.stringify(text)} should end before ${JSON.stringify(rest)}`)
  return type
}

function readPrefix(text: string): readonly [CelType, string] {
  const name = /^[\w.]+/.exec(text)?.[0] ?? ''
  let rest = text.slice(name.length)
  const parts: CelType[] = []
  if (rest.startsWith('<')) {
    do {
      const [part, after] = readPrefix(rest.slice(1))
      parts.push(part)
      rest = after
    } while (rest.startsWith(','))
    rest = rest.slice(1)
  }
  return [typeNamed(name, parts), rest]
}

function typeNamed(name: string, [first = dyn, second = dyn]: readonly CelType[]): CelType {
  if (/^[A-Z]$/.test(name)) return { tag: 'param', name }
  if (name === 'dyn') return dyn
  if (name === 'list') return listOf(first)
  if (name === 'map') return mapOf(first, second)
  if (name === 'optional') return optionalOf(first)
  return name === 'type' ? { tag: 'type', of: first } : simple(short[name] ?? name)
}

/** As errors name it. */
export function showType(type: CelType, levels = 5): string {
  if (levels === 0) return '…'
  const show = (part: CelType) => showType(part, levels - 1)
  switch (type.tag) {
    case 'dyn':
      return 'dyn'
    case 'simple':
    case 'object':
      return type.name === 'null_type' ? 'null' : type.name
    case 'list':
      return `list(${show(type.item)})`
    case 'map':
      return `map(${show(type.key)}, ${show(type.value)})`
    case 'optional':
      return `optional_type(${show(type.of)})`
    case 'type':
      return `type(${show(type.of)})`
    case 'param':
      return 'dyn'
    default:
      return type satisfies never
  }
}

/** What the parameters of signatures and of empty lists have turned out to be. What was only tried is taken back. */
export class Bindings {
  readonly #known = new Map<string, CelType>()
  readonly #order: string[] = []

  get(name: string): CelType | undefined {
    return this.#known.get(name)
  }

  set(name: string, type: CelType): void {
    this.#known.set(name, type)
    this.#order.push(name)
  }

  get mark(): number {
    return this.#order.length
  }

  backTo(mark: number): void {
    for (const name of this.#order.splice(mark)) this.#known.delete(name)
  }
}

/** A type with what is known of its parameters. */
export function resolve(type: CelType, bound: Bindings): CelType {
  switch (type.tag) {
    case 'param': {
      const known = bound.get(type.name)
      return known === undefined ? type : resolve(known, bound)
    }
    case 'list':
      return listOf(resolve(type.item, bound))
    case 'map':
      return mapOf(resolve(type.key, bound), resolve(type.value, bound))
    case 'optional':
      return optionalOf(resolve(type.of, bound))
    case 'type':
      return { tag: 'type', of: resolve(type.of, bound) }
    default:
      return type
  }
}

/** Whether a value of one type can stand where another is wanted. Parameters on either side are bound by it. */
export function fits(wanted: CelType, given: CelType, bound: Bindings): boolean {
  const known = knownOf(wanted, bound)
  const found = knownOf(given, bound)
  if (known === found || known.tag === 'dyn' || found.tag === 'dyn') return true
  if (known.tag === 'param') return bind(known.name, found, bound)
  if (found.tag === 'param') return bind(found.name, known, bound)
  if (found.tag === 'simple' && found.name === 'null_type') return isNullable(known)
  switch (known.tag) {
    case 'simple':
      return found.tag === 'simple' && found.name === known.name
    case 'list':
      return found.tag === 'list' && fits(known.item, found.item, bound)
    case 'map':
      return found.tag === 'map' && fits(known.key, found.key, bound) && fits(known.value, found.value, bound)
    case 'optional':
      return found.tag === 'optional' && fits(known.of, found.of, bound)
    case 'type':
      return found.tag === 'type'
    case 'object':
      return found.tag === 'object' && found.fields === known.fields && found.name === known.name
    default:
      return known satisfies never
  }
}

function knownOf(type: CelType, bound: Bindings): CelType {
  let at = type
  while (at.tag === 'param') {
    const next = bound.get(at.name)
    if (next === undefined) break
    at = next
  }
  return at
}

function bind(name: string, type: CelType, bound: Bindings): boolean {
  if (type.tag === 'param' && type.name === name) return true
  if (contains(type, name, bound)) return false
  bound.set(name, type)
  return true
}

function contains(type: CelType, name: string, bound: Bindings): boolean {
  switch (type.tag) {
    case 'param': {
      const next = bound.get(type.name)
      return type.name === name || (next !== undefined && contains(next, name, bound))
    }
    case 'list':
      return contains(type.item, name, bound)
    case 'map':
      return contains(type.key, name, bound) || contains(type.value, name, bound)
    case 'optional':
    case 'type':
      return contains(type.of, name, bound)
    default:
      return false
  }
}

const nullable: ReadonlySet<string> = new Set(['null_type', 'google.protobuf.Duration', 'google.protobuf.Timestamp'])

const isNullable = (type: CelType): boolean =>
  type.tag === 'object' || (type.tag === 'simple' && (nullable.has(type.name) || type.name.includes('.')))
