import { expect, test } from 'vitest'
import { type HubGauges, leftOpen } from './hub-gauges.ts'

// 52 of the hub's own; a node watches its pods, Services and EndpointSlices by itself, and Nodes with all others.
const withNodes = (sessions: number, leaked = 0): HubGauges => ({
  watches: 52 + 3 * sessions + Math.min(1, sessions) + leaked,
  nodeWatches: 4 * sessions,
  sessions,
  streams: 0,
})

test.each([0, 1, 2])('a hub of two nodes of which %i are there holds nothing beside theirs', (there) => {
  expect(leftOpen(withNodes(2), withNodes(there), 2)).toEqual([])
})

test.each([0, 1, 2])('a watch that nobody reads is seen whether both nodes are there or %i', (there) => {
  expect(leftOpen(withNodes(2), withNodes(there, 1), 2)).toEqual(['1 watches beside those of nodes'])
})
