import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { expect, test } from 'vitest'
import { rankForDeletion } from './ranking.ts'

type Options = {
  readonly node?: string
  readonly phase?: 'Pending' | 'Running'
  readonly readySince?: string
  readonly cost?: string
  readonly restarts?: number
  readonly created?: string
}
const pod = (
  name: string,
  {
    node = `node-of-${name}`,
    phase = 'Running',
    readySince = '2026-01-01T00:00:00Z',
    cost,
    restarts = 0,
    created = '2026-01-01T00:00:00Z',
  }: Options,
) =>
  ({
    metadata: {
      name,
      creationTimestamp: created,
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { nodeName: node },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: readySince === '' ? 'False' : 'True', lastTransitionTime: readySince }],
      containerStatuses: [{ restartCount: restarts }],
    },
  }) as unknown as Pod // all that the ranking reads

test.each([
  ['one without a node before one with', pod('a', {}), pod('b', { node: '' })],
  ['one that waits before one that runs', pod('a', {}), pod('b', { phase: 'Pending' })],
  ['one that is not ready before one that is', pod('a', {}), pod('b', { readySince: '' })],
  ['the cheaper one', pod('a', { cost: '10' }), pod('b', { cost: '-5' })],
  ['the one that became ready last', pod('a', {}), pod('b', { readySince: '2026-01-02T00:00:00Z' })],
  ['the one that restarted more', pod('a', {}), pod('b', { restarts: 3 })],
  ['the younger one', pod('a', {}), pod('b', { created: '2026-01-02T00:00:00Z' })],
])('given up first: %s', (_name, keeps, goes) => {
  expect(rankForDeletion([keeps, goes])[0]?.metadata.name).toBe('b')
  expect(rankForDeletion([goes, keeps])[0]?.metadata.name).toBe('b')
})

test('given up first: one that shares its node with another', () => {
  const ranked = rankForDeletion([pod('a', { node: 'x' }), pod('b', { node: 'y' }), pod('c', { node: 'y' })])
  expect(ranked.map(({ metadata }) => metadata.name)).toEqual(['b', 'c', 'a'])
})
