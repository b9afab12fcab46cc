import { describe, expect, it } from 'vitest'
import { checkCidr, checkNonSpecialIp, contains, expectCidr, formatCidr, isIpv4, isIpv6, overlap, parseCidr } from './ip.ts'

describe('an address', () => {
  it.each(['0.0.0.0', '10.42.1.7', '255.255.255.255'])('%s is IPv4', (text) => expect(isIpv4(text)).toBe(true))
  it.each(['', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2.3.4 ', '+1.2.3.4', '1.2.3.0x4', '1e0.2.3.4', '1.2.3.4%lo', '::1'])(
    '%j is no IPv4',
    (text) => expect(isIpv4(text)).toBe(false),
  )
  it.each(['::', '::1', '1::', 'fe80::1', '2001:db8:0:0:0:0:0:1', '64:ff9b::1.2.3.4'])('%s is IPv6', (text) =>
    expect(isIpv6(text)).toBe(true),
  )
  it.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'fe80::1%eth0',
    'g::',
    '1:',
    '::1.2.3.04',
    '10.0.0.1',
  ])('%j is no IPv6', (text) => expect(isIpv6(text)).toBe(false))
})

it.each([
  ['10.42.1.7', []],
  ['2001:db8::1', []],
  ['64:ff9b::1', []],
  ['0.0.0.0', ['may not be unspecified (0.0.0.0)']],
  ['::', ['may not be unspecified (::)']],
  ['127.0.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['127.255.255.254', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['0:0:0:0:0:0:0:1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['169.254.169.254', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['febf::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['224.0.0.251', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
  ['ff02::1', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
  ['239.1.2.3', ['may not be in the multicast range (224.0.0.0/4, ff00::/8)']],
  ['ff0e::1', ['may not be in the multicast range (224.0.0.0/4, ff00::/8)']],
  ['255.255.255.255', ['may not be in 0.0.0.0/8 or the broadcast address']],
  ['127.1', ['must be a valid IP address']],
  ['::ffff:127.0.0.1', ['must not be an IPv4-mapped IPv6 address']],
  ['::ffff:7f00:1', ['must not be an IPv4-mapped IPv6 address']],
])('%s as an endpoint: %j', (text, complaints) => expect(checkNonSpecialIp(text)).toEqual(complaints))

describe('a network', () => {
  it.each([
    ['10.42.0.0/16', '10.42.0.0/16'],
    ['10.42.1.7/16', '10.42.0.0/16'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
  ])('%s is %s', (text, formatted) => {
    const cidr = parseCidr(text)
    expect(cidr && formatCidr(cidr)).toBe(formatted)
  })
  it.each([
    '10.42.0.0',
    '10.42.0.0/',
    '10.42.0.0/33',
    '10.42.0.0/016',
    '10.042.0.0/16',
    '10.42.0.0/16/8',
    '10.42.0.0/1e1',
    ' 10.42.0.0/16',
    '::/0',
    'pods',
  ])('%j is none that the rules could have', (text) => expect(parseCidr(text)).toBeUndefined())
  it.each([
    ['10.9.8.0/24', true],
    ['2001:db8::/64', true],
    ['10.0.0.0/33', false],
    ['2001:db8::/129', false],
    ['office', false],
  ])('%s passes the check of a field: %s', (text, passes) => expect(checkCidr(text).length === 0).toBe(passes))
  it.each([
    ['10.42.0.0/16', '10.42.1.0/24', true],
    ['10.42.1.0/24', '10.42.0.0/16', false],
    ['10.42.0.0/24', '10.42.0.0/16', false],
    ['192.168.1.0/24', '192.168.2.1/32', false],
    ['0.0.0.0/0', '203.0.113.9/32', true],
    ['128.0.0.0/1', '203.0.113.9/32', true],
  ])('%s contains %s: %s', (outer, inner, holds) => expect(contains(expectCidr(outer), expectCidr(inner))).toBe(holds))
  it('overlaps what it contains and what contains it, and not its neighbour', () => {
    const [wide, inner, next] = [expectCidr('10.42.0.0/23'), expectCidr('10.42.1.0/24'), expectCidr('10.42.2.0/24')]
    expect([overlap(wide, inner), overlap(inner, wide), overlap(inner, next)]).toEqual([true, true, false])
  })
})
