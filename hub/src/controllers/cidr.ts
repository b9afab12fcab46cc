/** A block of IPv4 addresses. */
export type Cidr = { readonly base: number; readonly bits: number }

export function parseCidr(text: string): Cidr {
  const cidr = tryParseCidr(text)
  if (cidr === undefined) throw new Error(`expected an IPv4 block such as 10.42.0.0/16, found ${JSON.stringify(text)}`)
  return cidr
}

export function tryParseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)
  if (match === null) return undefined
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number)
  if ([a, b, c, d].some((octet) => octet > 255) || bits > 32) return undefined
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
  return { base: address - (address % sizeOf({ bits })), bits }
}

export const sizeOf = ({ bits }: Pick<Cidr, 'bits'>): number => 2 ** (32 - bits)

export const addressAt = ({ base }: Cidr, offset: number): string => formatAddress(base + offset)

export const formatCidr = ({ base, bits }: Cidr): string => `${formatAddress(base)}/${bits}`

export const overlap = (a: Cidr, b: Cidr): boolean => a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a)

const formatAddress = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
