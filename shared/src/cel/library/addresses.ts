import { parseIpv4, parseIpv6 } from '../../meta/ip.ts'
import { define, type Overload } from '../define.ts'
import { Cidr, Ip } from '../own-types.ts'
import { Fault } from '../values.ts'
import { showAddress } from './address-text.ts'

/** Longer than any address. */
const longestAddress = 64

function readIp(text: string): Ip | undefined {
  if (text.length > longestAddress) return undefined
  const v4 = parseIpv4(text)
  if (v4 !== undefined) return new Ip(32, BigInt(v4))
  const v6 = parseIpv6(text)
  if (v6 === undefined) return undefined
  const value = v6.reduce((sum, group) => sum * 65536n + BigInt(group), 0n)
  // An IPv4 address in the form of an IPv6 one is neither.
  return value >> 32n === 0xffffn ? undefined : new Ip(128, value)
}

function readCidr(text: string): Cidr | undefined {
  if (text.length > longestAddress) return undefined
  const [address = '', prefix = '', ...rest] = text.split('/')
  const ip = readIp(address)
  if (ip === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return undefined
  return Number(prefix) > ip.bits ? undefined : new Cidr(ip, Number(prefix))
}

const badIp = (text: string) =>
  new Fault(`IP Address ${JSON.stringify(text.slice(0, 100))} parse error during conversion from string: unable to parse IP`)
const badCidr = (text: string) =>
  new Fault(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text.slice(0, 100))})`)

/** An IPv4 address and an IPv6 one are told by what they begin with: so many bits, and what they are. */
const begins = ({ bits, value }: Ip, four: readonly [number, bigint], six: readonly [number, bigint]): boolean => {
  const [length, prefix] = bits === 32 ? four : six
  return value >> BigInt(bits - length) === prefix
}
const isUnspecified = (ip: Ip) => ip.value === 0n
const isLoopback = (ip: Ip) => begins(ip, [8, 127n], [128, 1n])
const isLinkLocalMulticast = (ip: Ip) => begins(ip, [24, 0xe00000n], [16, 0xff02n])
const isLinkLocalUnicast = (ip: Ip) => begins(ip, [16, 0xa9fen], [10, 0x3fan])
const isMulticast = (ip: Ip) => begins(ip, [4, 0xen], [8, 0xffn])
const isGlobalUnicast = (ip: Ip) =>
  !isUnspecified(ip) && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocalUnicast(ip) && !(ip.bits === 32 && ip.value === 0xffff_ffffn)

const hasNetwork = (outer: Cidr, inner: Cidr): boolean => inner.prefix >= outer.prefix && outer.has(inner.ip)

export const addresses = (): readonly Overload[] =>
  [
    define('ip(string) IP', (text) => readIp(text) ?? badIp(text)),
    define('isIP(string) bool', (text) => readIp(text) !== undefined),
    define('.ip.isCanonical(string) bool', (text) => {
      const ip = readIp(text)
      return ip === undefined ? badIp(text) : showAddress(ip) === text
    }),
    define('string(IP) string', (ip) => showAddress(ip)),
    define('IP.family() int', ({ bits }) => (bits === 32 ? 4n : 6n)),
    define('IP.isUnspecified() bool', isUnspecified),
    define('IP.isLoopback() bool', isLoopback),
    define('IP.isLinkLocalMulticast() bool', isLinkLocalMulticast),
    define('IP.isLinkLocalUnicast() bool', isLinkLocalUnicast),
    define('IP.isGlobalUnicast() bool', isGlobalUnicast),
    define('cidr(string) CIDR', (text) => readCidr(text) ?? badCidr(text)),
    define('isCIDR(string) bool', (text) => readCidr(text) !== undefined),
    define('CIDR.containsIP(IP) bool', (cidr, ip) => cidr.has(ip)),
    define('CIDR.containsIP(string) bool', (cidr, text) => {
      const ip = readIp(text)
      return ip === undefined ? badIp(text) : cidr.has(ip)
    }),
    define('CIDR.containsCIDR(CIDR) bool', hasNetwork),
    define('CIDR.containsCIDR(string) bool', (cidr, text) => {
      const inner = readCidr(text)
      return inner === undefined ? badCidr(text) : hasNetwork(cidr, inner)
    }),
    define('CIDR.ip() IP', ({ ip }) => ip),
    define('CIDR.prefixLength() int', ({ prefix }) => BigInt(prefix)),
    define(
      'CIDR.masked() CIDR',
      (cidr) => new Cidr(new Ip(cidr.ip.bits, cidr.networkOf(cidr.ip) << BigInt(cidr.ip.bits - cidr.prefix)), cidr.prefix),
    ),
    define('string(CIDR) string', ({ ip, prefix }) => `${showAddress(ip)}/${prefix}`),
  ].map((overload) => ({
    ...overload,
    run(args, budget) {
      // None is read further than the longest address goes.
      budget.pay(5)
      return overload.run(args, budget)
    },
  }))
