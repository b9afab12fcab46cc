import { describe, expect, it } from 'vitest'
import { endpoints } from './endpoints.ts'
import { endpointSlices } from './endpoint-slice.ts'
import { refusals } from './rules/testing.ts'

const special = ['127.0.0.1', '169.254.169.254', '224.0.0.251', '239.1.1.1', '0.0.0.0']
const why = ['loopback range', 'link-local range', 'link-local multicast range', 'multicast range', 'unspecified']

describe('an address that is another place on each machine is no endpoint', () => {
  const slice = (addressType: string, ...addresses: string[]) =>
    refusals(endpointSlices, { metadata: { name: 'a' }, addressType, endpoints: addresses.map((address) => ({ addresses: [address] })) })

  it.each(special.map((address, i) => [address, why[i] ?? '']))('%s is refused in slices and Endpoints', (address, range) => {
    expect(slice('IPv4', address)).toEqual([expect.stringContaining(range)])
    const subsets = [{ addresses: [{ ip: address }], notReadyAddresses: [{ ip: address }], ports: [{ port: 80 }] }]
    const refused = refusals(endpoints, { metadata: { name: 'a' }, subsets })
    expect(refused).toEqual([
      expect.stringMatching(new RegExp(`^subsets\\[0\\].addresses\\[0\\].ip: .*${range}`)),
      expect.stringMatching(new RegExp(`^subsets\\[0\\].notReadyAddresses\\[0\\].ip: .*${range}`)),
    ])
  })

  it.each(['::1', 'fe80::1', 'ff02::1', 'ff0e::1', '::', '::ffff:127.0.0.1'])('%s is refused in a slice of IPv6', (address) => {
    expect(slice('IPv6', address)).toHaveLength(1)
  })

  it('nor is one of the other family, or no address', () => {
    expect(slice('IPv4', 'fd00::1', 'nowhere', '10.0.0.01')).toEqual([
      'endpoints[0].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address',
      'endpoints[1].addresses[0]: Invalid value: "nowhere": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'endpoints[2].addresses[0]: Invalid value: "10.0.0.01": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ])
    expect(slice('IPv6', '10.0.0.1')).toEqual(['endpoints[0].addresses[0]: Invalid value: "10.0.0.1": must be an IPv6 address'])
    expect([...slice('IPv4', '10.0.0.1'), ...slice('IPv6', 'fd00::1'), ...slice('FQDN', 'a.example.com')]).toEqual([])
  })
})

it('Endpoints name their hosts, nodes and ports', () => {
  const subsets = [
    {
      addresses: [{ ip: '10.0.0.1', hostname: 'A', nodeName: 'B' }],
      ports: [{ port: 80 }, { name: 'C', port: 0, appProtocol: 'a/b/c' }],
    },
    {},
  ]
  expect(refusals(endpoints, { metadata: { name: 'a' }, subsets })).toEqual([
    expect.stringContaining('subsets[0].addresses[0].hostname: Invalid value: "A": a lowercase RFC 1123 label'),
    expect.stringContaining('subsets[0].addresses[0].nodeName: Invalid value: "B": a lowercase RFC 1123 subdomain'),
    'subsets[0].ports[0].name: Required value',
    expect.stringContaining('subsets[0].ports[1].name: Invalid value: "C": a lowercase RFC 1123 label'),
    'subsets[0].ports[1].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    expect.stringContaining('subsets[0].ports[1].appProtocol: Invalid value: "a/b/c": a qualified name'),
    'subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`',
  ])
})
