import { expect, test } from 'vitest'
import type { Node } from '../kinds/node.ts'
import { nodePeer } from './node-peer.ts'

test('of another node what routes need is left, however much it says of itself', () => {
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n2', uid: 'u', resourceVersion: '7', labels: { a: 'b' }, annotations: { note: 'x'.repeat(200_000) } },
    spec: { podCIDR: '10.42.2.0/24', podCIDRs: ['10.42.2.0/24'], taints: [{ key: 'a', effect: 'NoSchedule' }] },
    status: {
      images: Array.from({ length: 100_000 }, () => ({})),
      addresses: [
        { type: 'InternalIP', address: 'x'.repeat(100_000) },
        ...Array.from({ length: 1_000 }, (_, index) => ({ type: 'InternalIP', address: `10.0.${index >> 8}.${index & 255}` })),
      ],
    },
  }
  const peer = nodePeer(node)
  expect(peer).toMatchObject({ metadata: { name: 'n2', resourceVersion: '7' }, spec: { podCIDR: '10.42.2.0/24' } })
  expect(peer.status?.addresses?.map(({ address }) => address)).toEqual(Array.from({ length: 8 }, (_, index) => `10.0.0.${index}`))
  expect(JSON.stringify(peer).length).toBeLessThan(1_000)
})

test('a node that says nothing yet is a peer with a name', () => {
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } }
  expect(nodePeer(node)).toEqual(node)
})
