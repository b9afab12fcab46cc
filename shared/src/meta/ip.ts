/**
 * The one reading of an address or a network that hub and agent share: what one side takes, the other reads the same way.
 * Strict: no leading zeros (010 is 8 to some programs), no zone (`fe80::1%eth0`), no bits or signs that others overlook.
 */

/** `10.9.8.7` as a number; undefined when it is not written exactly so. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

export const formatIpv4 = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')

export const isIpv4 = (text: string): boolean => parseIpv4(text) !== undefined

/** The eight groups of an IPv6 address. */
export function parseIpv6(text: string): readonly number[] | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || text.includes(':::')) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1)) as [Groups, Groups?] // at least one half
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  if (tail === undefined) return head.length === 8 ? head : undefined
  const left = 8 - head.length - tail.length
  return left < 1 ? undefined : [...head, ...Array.from({ length: left }, () => 0), ...tail]
}

/** As RFC 5952 writes it: the longest row of zeros is left out, the first of them where two are as long. */
export function formatIpv6(groups: readonly number[]): string {
  const text = groups.map((group) => group.toString(16)).join(':')
  const rows = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)]
  const longest = rows.reduce<RegExpExecArray | undefined>((best, row) => (row[0].length > (best?.[0].length ?? 0) ? row : best), undefined)
  if (longest === undefined) return text
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)]
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`
}

/** The address without what lies beyond the prefix. */
export const networkOf = (groups: readonly number[], prefix: number): readonly number[] =>
  groups.map((group, i) => {
    const bits = Math.min(16, Math.max(0, prefix - 16 * i))
    return group & (0xffff << (16 - bits)) & 0xffff
  })

export const isIpv6 = (text: string): boolean => parseIpv6(text) !== undefined

/** What keeps an address from being an endpoint or an external address, in Kubernetes' words. Such an address means another place on each machine. */
export function checkNonSpecialIp(text: string): readonly string[] {
  const v4 = parseIpv4(text)
  const v6 = v4 === undefined ? parseIpv6(text) : undefined
  if (v4 === undefined && v6 === undefined) return ['must be a valid IP address']
  // To some programs it is the IPv4 address, to others it is not.
  if (v6 !== undefined && isMappedIpv4(v6)) return ['must not be an IPv4-mapped IPv6 address']
  const [first = 0] = v6 ?? []
  const isZero = v6?.slice(0, 7).every((group) => group === 0) === true
  if (v4 === 0 || (isZero && v6?.[7] === 0)) return [`may not be unspecified (${text})`]
  if (isIn(v4, special.loopback) || (isZero && v6?.[7] === 1)) return ['may not be in the loopback range (127.0.0.0/8, ::1/128)']
  if (isIn(v4, special.linkLocal) || (first & 0xffc0) === 0xfe80) return ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']
  if (isIn(v4, special.linkLocalMulticast) || (first & 0xff0f) === 0xff02)
    return ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']
  // Kubernetes lets these through; nothing answers there, and 0.x is this very machine to some kernels.
  if (isIn(v4, special.multicast) || first >= 0xff00) return ['may not be in the multicast range (224.0.0.0/4, ff00::/8)']
  if (isIn(v4, special.thisNetwork) || v4 === 0xffffffff) return ['may not be in 0.0.0.0/8 or the broadcast address']
  return []
}

/** An IPv4 network; `base` is its first address. */
export type Cidr = { readonly base: number; readonly bits: number }

/** `10.42.0.0/16`; with bits set beyond the prefix, as in `10.42.1.7/16`, it is the network that the address lies in. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const number = parseIpv4(address)
  if (number === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(prefix) || Number(prefix) > 32) return undefined
  const bits = Number(prefix)
  return { base: number - (number % sizeOf({ bits })), bits }
}

/** For what somebody configured. */
export function expectCidr(text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new Error(`expected an IPv4 block such as 10.42.0.0/16, found ${JSON.stringify(text)}`)
  return cidr
}

export const formatCidr = ({ base, bits }: Cidr): string => `${formatIpv4(base)}/${bits}`

export const sizeOf = ({ bits }: Pick<Cidr, 'bits'>): number => 2 ** (32 - bits)

export const addressAt = ({ base }: Cidr, offset: number): string => formatIpv4(base + offset)

export const overlap = (a: Cidr, b: Cidr): boolean => a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a)

/** Whether all of `inner` lies in `outer`; an address is a network of one. */
export const contains = (outer: Cidr, inner: Cidr | number): boolean => {
  const { base, bits } = typeof inner === 'number' ? { base: inner, bits: 32 } : inner
  return bits >= outer.bits && base >= outer.base && base < outer.base + sizeOf(outer)
}

/** A network of either family, in Kubernetes' words. */
export function checkCidr(text: string): readonly string[] {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const isV6 = rest.length === 0 && isIpv6(address) && /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= 128
  return isV6 || parseCidr(text) !== undefined ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']
}

/** Whether a network lies in another one and is smaller. Both are valid. */
export function isWithin(outer: string, inner: string): boolean {
  const [a, b] = [bitsOf(outer), bitsOf(inner)]
  if (a.size !== b.size || b.prefix <= a.prefix) return false
  const shift = BigInt(a.size - a.prefix)
  return a.value >> shift === b.value >> shift
}

/** The address of a network as one number, of how many bits, and how many of them are the network's. */
function bitsOf(cidr: string): { readonly value: bigint; readonly size: number; readonly prefix: number } {
  const [address = '', prefix = ''] = cidr.split('/')
  const v4 = parseIpv4(address)
  if (v4 !== undefined) return { value: BigInt(v4), size: 32, prefix: Number(prefix) }
  const value = (parseIpv6(address) ?? []).reduce((all, group) => (all << 16n) | BigInt(group), 0n)
  return { value, size: 128, prefix: Number(prefix) }
}

const special = {
  loopback: expectCidr('127.0.0.0/8'),
  linkLocal: expectCidr('169.254.0.0/16'),
  linkLocalMulticast: expectCidr('224.0.0.0/24'),
  multicast: expectCidr('224.0.0.0/4'),
  thisNetwork: expectCidr('0.0.0.0/8'),
}

type Groups = readonly number[] | undefined

function groupsOf(half: string, isLast: boolean): Groups {
  if (half === '') return []
  const texts = half.split(':')
  const hasDotted = isLast && texts.at(-1)?.includes('.') === true
  const dotted = hasDotted ? parseIpv4(texts.pop() ?? '') : undefined
  if (hasDotted !== (dotted !== undefined) || !texts.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  const groups = texts.map((group) => Number.parseInt(group, 16))
  return dotted === undefined ? groups : [...groups, Math.floor(dotted / 65_536), dotted % 65_536]
}

export const isMappedIpv4 = (groups: readonly number[]): boolean => groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff

const isIn = (address: number | undefined, network: Cidr): boolean => address !== undefined && contains(network, address)
