/** An IPv4 network: `10.43.0.0/16`. */
export type Cidr = { readonly text: string; readonly base: number; readonly size: number }

export function parseCidr(text: string): Cidr {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text)
  const base = match === null ? undefined : toNumber(match[1] ?? '')
  const bits = Number(match?.[2] ?? Number.NaN)
  if (base === undefined || !(bits >= 8 && bits <= 29))
    throw new Error(`${text} is not an IPv4 network such as 10.43.0.0/16 (from /8 to /29)`)
  const size = 2 ** (32 - bits)
  return { text, base: base - (base % size), size }
}

export function toNumber(ip: string): number | undefined {
  const parts = ip.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** The place of an address in its network, without the network's own address and the broadcast address. */
export function indexOf({ base, size }: Cidr, ip: string): number | undefined {
  const number = toNumber(ip)
  if (number === undefined) return undefined
  const index = number - base
  return index >= 1 && index <= size - 2 ? index : undefined
}

export function addressAt({ base }: Cidr, index: number): string {
  const number = base + index
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
