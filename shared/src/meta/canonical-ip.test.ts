import { expect, it } from 'vitest'
import { checkCanonicalCidr, checkCanonicalIp } from './canonical-ip.ts'

it.each<[string, readonly string[]]>([
  ['10.9.8.7', []],
  ['2001:db8::1', []],
  ['::', []],
  ['::1', []],
  ['1::', []],
  ['1:0:0:2::3', []],
  ['1:0:2:3:4:5:6:7', []],
  ['x', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['10.09.8.7', ['must not have leading 0s']],
  ['::ffff:1.2.3.4', ['must not be an IPv4-mapped IPv6 address']],
  ['2001:DB8::1', ['must be in canonical form ("2001:db8::1")']],
  ['2001:db8:0:0:1:0:0:1', ['must be in canonical form ("2001:db8::1:0:0:1")']],
  ['2001:0db8::1', ['must be in canonical form ("2001:db8::1")']],
  ['0:0:0:0:0:0:0:0', ['must be in canonical form ("::")']],
])('an address that names something is written as all write it: %s', (text, errors) => {
  expect(checkCanonicalIp(text)).toEqual(errors)
})

it('however long a text is, it is looked at once', () => {
  const colons = ':'.repeat(1_000_000)
  expect(checkCanonicalIp(colons)).toEqual(['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
  expect(checkCanonicalCidr(colons)).toEqual(['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'])
})

it.each<[string, readonly string[]]>([
  ['10.9.8.0/24', []],
  ['2001:db8::/64', []],
  ['10.9.8.0', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  ['10.9.8.0/024', ['must not have leading 0s in IP or prefix length']],
  ['10.9.8.1/24', ['must not have bits set beyond the prefix length']],
  ['2001:db8::1/64', ['must not have bits set beyond the prefix length']],
  ['2001:db8:0::/33', ['must be in canonical form ("2001:db8::/33")']],
  ['::ffff:10.0.0.0/104', ['must not have an IPv4-mapped IPv6 address']],
])('so is a network: %s', (text, errors) => {
  expect(checkCanonicalCidr(text)).toEqual(errors)
})
