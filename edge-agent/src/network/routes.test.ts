import { expect, test } from 'vitest'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { routeArguments, routeChanges, wantedRoutes } from './routes.ts'

const node = (name: string, podCIDR: string | undefined, address: string): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR },
    status: { addresses: [{ type: 'InternalIP', address }] },
  }) as unknown as Node // the parts a route is made of
const base = { node: 'a', clusterCidr: '10.42.0.0/16', localAddresses: [{ address: '192.168.1.5', prefix: 24 }] }

test('each other node in the same network is the way to its own pods', () => {
  const nodes = [node('a', '10.42.0.0/24', '192.168.1.5'), node('b', '10.42.1.0/24', '192.168.1.6'), node('new', undefined, '192.168.1.7')]
  expect(wantedRoutes({ ...base, nodes })).toEqual({ routes: [{ dst: '10.42.1.0/24', gateway: '192.168.1.6' }], unreachable: [] })
})

test('a node in another network is named instead of being sent to the default gateway', () => {
  const nodes = [node('far', '10.42.2.0/24', '10.9.9.9')]
  expect(wantedRoutes({ ...base, nodes })).toEqual({
    routes: [],
    unreachable: [{ node: 'far', podCidr: '10.42.2.0/24', address: '10.9.9.9' }],
  })
})

test('a node that has just joined and has not told its address yet is no trouble to tell of', () => {
  const nodes = [{ ...node('b', '10.42.1.0/24', ''), status: {} }]
  expect(wantedRoutes({ ...base, nodes })).toEqual({ routes: [], unreachable: [] })
})

test('the networks of Services have a route, so that a board without a default route reaches them', () => {
  const nodes = [node('a', '10.42.0.0/24', '192.168.1.5')]
  expect(wantedRoutes({ ...base, nodes, serviceCidr: '10.43.0.0/16' }).routes).toEqual([
    { dst: '10.43.0.0/16', dev: 'lo', prefsrc: '192.168.1.5' },
  ])
})

test('of two nodes with one network the one that the hub lists has it', () => {
  const nodes = [node('b', '10.42.1.0/24', '192.168.1.6'), node('z', '10.42.1.0/24', '192.168.1.7')]
  const { routes, unreachable } = wantedRoutes({ ...base, nodes, unlisted: new Set(['b']) })
  expect(routes).toEqual([{ dst: '10.42.1.0/24', gateway: '192.168.1.7' }])
  expect(unreachable.map((each) => each.node)).toEqual(['b'])
})

test('only what differs is changed, and routes outside our networks are never touched', () => {
  const wanted = [
    { dst: '10.42.1.0/24', gateway: '192.168.1.6' },
    { dst: '10.42.2.0/24', gateway: '192.168.1.7' },
  ]
  const seen = [
    { dst: '10.42.1.0/24', gateway: '192.168.1.6', dev: 'eth0' },
    { dst: '10.42.2.0/24', gateway: '192.168.1.99', dev: 'eth0' },
    { dst: '10.42.3.0/24', gateway: '192.168.1.8', dev: 'eth0' },
    { dst: '10.99.0.0/24', gateway: '192.168.1.8', dev: 'eth0' },
  ]
  const changes = routeChanges(wanted, seen, ['10.42.0.0/16'])
  expect(changes.map(routeArguments).map((args) => args.join(' '))).toEqual([
    'route del 10.42.3.0/24 via 192.168.1.8 proto 98',
    'route replace 10.42.2.0/24 via 192.168.1.7 proto 98',
  ])
})

test("a node whose pod network spans, copies or misspells another's loses its own route and nobody else's", () => {
  const nodes = [
    node('a', '10.42.0.0/24', '192.168.1.5'),
    node('b', '10.42.1.0/24', '192.168.1.6'),
    node('a-span', '10.42.8.0/22', '192.168.1.71'),
    node('c', '10.42.9.0/24', '192.168.1.7'),
    node('a-wide', '10.42.0.0/16', '192.168.1.66'),
    node('z-copy', '10.42.1.0/24', '192.168.1.67'),
    node('mine', '10.42.0.0/24', '192.168.1.68'),
    node('octal', '10.42.010.0/24', '192.168.1.69'),
    node('v6', 'fd00::/64', '192.168.1.70'),
    node('strange address', '10.42.7.0/24', '192.168.1.071'),
  ]
  const { routes, unreachable } = wantedRoutes({ ...base, nodes })
  expect(routes).toEqual([
    { dst: '10.42.1.0/24', gateway: '192.168.1.6' },
    { dst: '10.42.9.0/24', gateway: '192.168.1.7' },
  ])
  const wrong = unreachable.filter(({ problem }) => problem !== undefined)
  expect(wrong.map((each) => each.node).sort()).toEqual(['a-span', 'a-wide', 'mine', 'octal', 'v6', 'z-copy'])
  expect(unreachable.filter(({ problem }) => problem === undefined).map((each) => each.node)).toEqual(['strange address'])
})
