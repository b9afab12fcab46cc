import { compareQuantities, type Quantity } from '../meta/quantity.ts'
import { Opaque } from './values.ts'

export class Ip extends Opaque {
  readonly typeName = 'net.IP'
  readonly bits: 32 | 128
  readonly value: bigint

  constructor(bits: 32 | 128, value: bigint) {
    super()
    this.bits = bits
    this.value = value
  }

  isSame(other: Opaque): boolean {
    return other instanceof Ip && other.bits === this.bits && other.value === this.value
  }
}

export class Cidr extends Opaque {
  readonly typeName = 'net.CIDR'
  readonly ip: Ip
  readonly prefix: number

  constructor(ip: Ip, prefix: number) {
    super()
    this.ip = ip
    this.prefix = prefix
  }

  /** The part of an address that is the network's. */
  networkOf({ value, bits }: Ip): bigint {
    return value >> BigInt(bits - this.prefix)
  }

  has(ip: Ip): boolean {
    return ip.bits === this.ip.bits && this.networkOf(ip) === this.networkOf(this.ip)
  }

  isSame(other: Opaque): boolean {
    return other instanceof Cidr && other.prefix === this.prefix && other.ip.isSame(this.ip)
  }
}

/** A URL as Go reads that of a request: absolute, or a path from the root. */
export class Url extends Opaque {
  readonly typeName = 'kubernetes.URL'
  readonly text: string
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string

  constructor(text: string, parts: { readonly scheme: string; readonly host: string; readonly path: string; readonly query: string }) {
    super()
    this.text = text
    this.scheme = parts.scheme
    this.host = parts.host
    this.path = parts.path
    this.query = parts.query
  }

  isSame(other: Opaque): boolean {
    return other instanceof Url && other.text === this.text
  }
}

export class QuantityValue extends Opaque {
  readonly typeName = 'kubernetes.Quantity'
  readonly quantity: Quantity

  constructor(quantity: Quantity) {
    super()
    this.quantity = quantity
  }

  isSame(other: Opaque): boolean {
    return other instanceof QuantityValue && compareQuantities(this.quantity, other.quantity) === 0
  }
}

/** A format by its name, that texts can be held to. */
export class NamedFormat extends Opaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string

  constructor(name: string) {
    super()
    this.name = name
  }

  isSame(other: Opaque): boolean {
    return other instanceof NamedFormat && other.name === this.name
  }
}

/** A version by the rules of semver.org, of which no build data counts. */
export class Semver extends Opaque {
  readonly typeName = 'kubernetes.Semver'
  readonly numbers: readonly bigint[]
  readonly before: readonly (bigint | string)[]

  constructor(numbers: readonly bigint[], before: readonly (bigint | string)[]) {
    super()
    this.numbers = numbers
    this.before = before
  }

  isSame(other: Opaque): boolean {
    return other instanceof Semver && compareVersions(this, other) === 0
  }
}

export function compareVersions(a: Semver, b: Semver): number {
  for (const [index, mine] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n
    if (mine !== other) return mine < other ? -1 : 1
  }
  // What comes before a version is less than it.
  if (a.before.length === 0 || b.before.length === 0) return Math.sign(b.before.length - a.before.length)
  for (const [index, mine] of a.before.entries()) {
    const other = b.before[index]
    if (other === undefined) return 1
    if (mine === other) continue
    if (typeof mine !== typeof other) return typeof mine === 'bigint' ? -1 : 1
    return mine < other ? -1 : 1
  }
  return a.before.length < b.before.length ? -1 : 0
}
