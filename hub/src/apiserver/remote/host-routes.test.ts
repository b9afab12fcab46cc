import { expect, it } from 'vitest'
import { isRouted } from './host-routes.ts'

const table = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
br0\t00002A0A\t05000A0A\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0
br0\t00012A0A\t05000A0A\t0002\t0\t0\t0\t00FFFFFF\t0\t0\t0
lo\t00022A0A\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0
`

it.each([
  ['10.42.0.9', true, 'has a route of its own'],
  ['10.0.0.7', true, 'is next to us'],
  ['10.42.1.9', false, 'has a route that is down'],
  ['10.42.2.9', false, 'has a route that refuses'],
  ['10.42.3.9', false, 'is behind the way to everything'],
  ['fd00::1', false, 'is no IPv4'],
])('%s %s: it %s', (address, isThere) => {
  expect(isRouted(table, address)).toBe(isThere)
  expect(isRouted('', address)).toBe(false)
})
