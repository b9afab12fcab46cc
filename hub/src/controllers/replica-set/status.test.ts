import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { expect, test } from 'vitest'
import { replicaSetStatus } from './status.ts'

const now = Date.parse('2026-01-01T00:01:00Z')
const setOf = (minReadySeconds: number, status?: ReplicaSet['status']) =>
  ({
    metadata: { name: 'web', generation: 3 },
    spec: { replicas: 2, minReadySeconds, template: { metadata: { labels: { app: 'web' } } } },
    status,
  }) as unknown as ReplicaSet // all that a status is made from
const podOf = (readySince: string | undefined, labels: Record<string, string> = { app: 'web' }) =>
  ({
    metadata: { name: 'a', labels },
    spec: {},
    status: { conditions: [{ type: 'Ready', status: readySince === undefined ? 'False' : 'True', lastTransitionTime: readySince }] },
  }) as unknown as Pod
const base = { failure: undefined, now, seenReady: () => ({ ms: 0, fromTheStart: false }) }

test('pods are counted by what they are', () => {
  const pods = [
    podOf('2026-01-01T00:00:00Z'),
    podOf(undefined),
    podOf('2026-01-01T00:00:00Z', { app: 'web', extra: 'x' }),
    podOf(undefined, {}),
  ]
  expect(replicaSetStatus({ ...base, replicaSet: setOf(0), pods }).status).toEqual({
    replicas: 4,
    fullyLabeledReplicas: 3,
    readyReplicas: 2,
    availableReplicas: 2,
    observedGeneration: 3,
  })
})

test.each([
  ['has been ready for long enough', '2026-01-01T00:00:30Z', 0, false, 1, undefined],
  ['became ready ten seconds ago', '2026-01-01T00:00:50Z', 0, false, undefined, 20_000],
  ['runs on a node whose clock is an hour ahead', '2026-01-01T01:00:00Z', 12_000, false, undefined, 18_000],
  ['runs on such a node and was seen ready for long enough', '2026-01-01T01:00:00Z', 30_000, false, 1, undefined],
  ['was seen to become ready on a node whose clock stands in 1970', '1970-01-01T00:01:00Z', 12_000, true, undefined, 18_000],
])('with minReadySeconds of 30, a pod that %s', (_name, since, ms, fromTheStart, availableReplicas, nextAvailableInMs) => {
  const decision = replicaSetStatus({ ...base, replicaSet: setOf(30), pods: [podOf(since)], seenReady: () => ({ ms, fromTheStart }) })
  expect([decision.status.availableReplicas, decision.nextAvailableInMs]).toEqual([availableReplicas, nextAvailableInMs])
})

test('a failure that lasts is told once, whatever generated name its text carries', () => {
  const first = replicaSetStatus({
    ...base,
    replicaSet: setOf(0),
    pods: [],
    failure: { reason: 'FailedCreate', message: 'web-abcde is forbidden' },
  })
  expect(first.status.conditions).toMatchObject([
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'web-abcde is forbidden' },
  ])
  const again = { ...base, now: now + 60_000, pods: [], failure: { reason: 'FailedCreate' as const, message: 'web-fghij is forbidden' } }
  expect(replicaSetStatus({ ...again, replicaSet: setOf(0, first.status) }).status).toEqual(first.status)
  expect(replicaSetStatus({ ...base, pods: [], replicaSet: setOf(0, first.status) }).status.conditions).toBeUndefined()
})
