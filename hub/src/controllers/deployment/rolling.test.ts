import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import { describe, expect, test } from 'vitest'
import { newReplicas, rollingBounds, scaleProportionally, shrinkOld } from './rolling.ts'
import type { Sized } from './rolling.ts'

const deploymentOf = (
  replicas: number,
  maxSurge: number | string = '25%',
  maxUnavailable: number | string = '25%',
  type = 'RollingUpdate',
) => ({ spec: { replicas, strategy: { type, rollingUpdate: { maxSurge, maxUnavailable } } } }) as unknown as Deployment // all that the arithmetic reads

const set = (name: string, replicas: number, available = replicas, createdAt = name): Sized => ({ name, replicas, available, createdAt })

test.each([
  [4, '25%', '25%', 1, 1],
  [3, '25%', '25%', 1, 0],
  [1, '25%', '25%', 1, 0],
  [10, '30%', '30%', 3, 3],
  [10, 0, '5%', 0, 1],
  [10, 0, 0, 0, 1],
  [2, 1, 0, 1, 0],
  [2, 0, 5, 0, 2],
  [0, '25%', '25%', 0, 1],
])('%i replicas with surge %s and unavailable %s may be %i more and %i fewer', (replicas, surge, unavailable, maxSurge, maxUnavailable) => {
  const bounds = rollingBounds(deploymentOf(replicas, surge, unavailable))
  expect(bounds).toEqual({ maxSurge, maxUnavailable: Math.max(maxUnavailable, 0) })
})

test.each([
  ['all at once when nothing else runs', deploymentOf(10), undefined, [], 10],
  ['up to the surge', deploymentOf(10, 2, 2), undefined, [set('old', 10)], 2],
  ['no further while there is no room', deploymentOf(10, 2, 2), set('new', 2), [set('old', 10)], 2],
  ['by what the old ones gave up', deploymentOf(10, 2, 2), set('new', 2), [set('old', 8)], 4],
  ['never beyond what is wanted', deploymentOf(3, 10, 0), undefined, [set('old', 3)], 3],
  ['down to what is wanted', deploymentOf(3), set('new', 5), [], 3],
  ['at once when pods are recreated', deploymentOf(3, 0, 0, 'Recreate'), undefined, [], 3],
] as const)('the new ReplicaSet grows %s', (_name, deployment, current, old, size) => {
  expect(newReplicas(deployment, current, old)).toBe(size)
})

test.each([
  ['nothing while too few are available', deploymentOf(3, 1, 0), set('new', 1, 0), [set('old', 3)], {}],
  ['none, broken ones neither, for new ones that do not work yet', deploymentOf(3, 1, 0), set('new', 1, 0), [set('old', 3, 1)], {}],
  ['one for each new one that is available', deploymentOf(3, 1, 0), set('new', 1), [set('old', 3)], { old: 2 }],
  ['as many as may be missing', deploymentOf(10, 2, 2), set('new', 2, 0), [set('old', 10)], { old: 8 }],
  ['broken ones first', deploymentOf(4, 0, 1), set('new', 0), [set('a', 2, 2), set('b', 2, 1)], { b: 1 }],
  ['the oldest first', deploymentOf(4, 2, 0), set('new', 2), [set('a', 1), set('b', 3)], { a: 0, b: 2 }],
  ['everything at the end', deploymentOf(2, 1, 0), set('new', 2), [set('old', 1)], { old: 0 }],
  ['no more than sizes allow when a status is behind', deploymentOf(3, 1, 0), set('new', 1), [set('old', 2, 3)], {}],
] as const)('old ReplicaSets give up %s', (_name, deployment, current, old, sizes) => {
  expect(Object.fromEntries(shrinkOld(deployment, current, old))).toEqual(sizes)
})

describe('a deployment that is scaled in the middle of a rollout', () => {
  const scale = (deployment: Deployment, sets: Sized[], newest: Sized | undefined, previousMax: number) =>
    Object.fromEntries(scaleProportionally(deployment, sets, newest, () => previousMax))

  test('gives its only ReplicaSet everything', () => {
    expect(scale(deploymentOf(5), [set('a', 3)], undefined, 4)).toEqual({ a: 5 })
  })
  test('shares growth by size', () => {
    // 10 with a surge of 3 is 13: 8 + 5. Scaled to 15 they may be 18, and 5 more are shared as 3 and 2.
    const old = set('a', 8)
    const current = set('b', 5, 0)
    expect(scale(deploymentOf(15, 3, 2), [old, current], current, 13)).toEqual({ a: 11, b: 7 })
  })
  test('shares shrinking by size', () => {
    const old = set('a', 8)
    const current = set('b', 4, 0)
    const sizes = scale(deploymentOf(5, 1, 0), [old, current], current, 12)
    expect(Object.values(sizes).reduce((sum, size) => sum + size, 0)).toBe(6)
  })
  test('empties all when scaled to nothing', () => {
    const current = set('b', 4, 0)
    expect(scale(deploymentOf(0), [set('a', 8), current], current, 12)).toEqual({ a: 0, b: 0 })
  })
  test('drops the old ones when the new one is complete', () => {
    const current = set('b', 3)
    expect(scale(deploymentOf(3), [set('a', 1), current], current, 4)).toEqual({ a: 0 })
  })
})
