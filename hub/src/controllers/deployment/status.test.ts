import type { Deployment, DeploymentStatus } from '@bramble/shared/kinds/deployment.ts'
import type { ReplicaSet } from '@bramble/shared/kinds/replica-set.ts'
import { expect, test } from 'vitest'
import { createProgressAges } from './progress-age.ts'
import { deploymentStatus, isStatusSame } from './status.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
/** The clock is right. */
const at = (now: number) => ({ now, progressAgeMs: (updatedAt = '') => now - Date.parse(updatedAt) })
const deploymentOf = (status?: DeploymentStatus, spec = {}) =>
  ({
    metadata: { name: 'web', generation: 1 },
    spec: {
      replicas: 2,
      progressDeadlineSeconds: 600,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  }) as unknown as Deployment // all that a status is made from

const setOf = (name: string, replicas: number, available: number) =>
  ({
    metadata: { name },
    spec: { replicas },
    status: { replicas, readyReplicas: available, availableReplicas: available },
  }) as unknown as ReplicaSet

const conditionOf = (status: DeploymentStatus, type: string) => status.conditions?.find((each) => each.type === type)

test('a rollout goes from created over progressing to available, and then stands still', () => {
  const created = deploymentStatus({
    deployment: deploymentOf(),
    newSet: setOf('web-1', 2, 0),
    oldSets: [],
    ...at(start),
    happened: { reason: 'NewReplicaSetCreated', message: 'Created new replica set "web-1"' },
  })
  expect(conditionOf(created.status, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetCreated' })
  expect(conditionOf(created.status, 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' })
  expect(created.status).toMatchObject({ observedGeneration: 1, replicas: 2, updatedReplicas: 2, unavailableReplicas: 2 })
  expect(created.deadlineInMs).toBe(601_000)

  const half = deploymentStatus({
    deployment: deploymentOf(created.status),
    newSet: setOf('web-1', 2, 1),
    oldSets: [],
    ...at(start + 5_000),
  })
  expect(conditionOf(half.status, 'Progressing')).toMatchObject({
    reason: 'ReplicaSetUpdated',
    message: 'ReplicaSet "web-1" is progressing.',
    lastUpdateTime: '2026-01-01T00:00:05Z',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })

  const done = deploymentStatus({ deployment: deploymentOf(half.status), newSet: setOf('web-1', 2, 2), oldSets: [], ...at(start + 9_000) })
  expect(conditionOf(done.status, 'Progressing')).toMatchObject({
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: 'ReplicaSet "web-1" has successfully progressed.',
  })
  expect(conditionOf(done.status, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' })
  expect(done.deadlineInMs).toBeUndefined()

  const later = deploymentStatus({
    deployment: deploymentOf(done.status),
    newSet: setOf('web-1', 2, 2),
    oldSets: [],
    ...at(start + 90_000),
  })
  expect(isStatusSame(later.status, done.status)).toBe(true)

  const worse = deploymentStatus({
    deployment: deploymentOf(done.status),
    newSet: setOf('web-1', 2, 1),
    oldSets: [],
    ...at(start + 900_000),
  })
  expect(conditionOf(worse.status, 'Progressing')?.reason).toBe('NewReplicaSetAvailable')
  expect(conditionOf(worse.status, 'Available')?.status).toBe('False')
})

test('a rollout that does not move before its deadline is told as such', () => {
  const stuck = deploymentStatus({
    deployment: deploymentOf(),
    newSet: setOf('web-2', 1, 0),
    oldSets: [setOf('web-1', 2, 2)],
    ...at(start),
    happened: { reason: 'NewReplicaSetCreated', message: '' },
  })
  const before = deploymentStatus({
    deployment: deploymentOf(stuck.status),
    newSet: setOf('web-2', 1, 0),
    oldSets: [setOf('web-1', 2, 2)],
    ...at(start + 599_000),
  })
  expect(conditionOf(before.status, 'Progressing')?.status).toBe('True')
  const after = deploymentStatus({
    deployment: deploymentOf(before.status),
    newSet: setOf('web-2', 1, 0),
    oldSets: [setOf('web-1', 2, 2)],
    ...at(start + 600_000),
  })
  expect(conditionOf(after.status, 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet "web-2" has timed out progressing.',
  })
})

test.each([
  ['forward', 50 * 365 * 24 * 3_600_000],
  ['back', -50 * 365 * 24 * 3_600_000],
])('a clock that is set %s by decades neither fails a rollout nor keeps its deadline away', (_how, jump) => {
  const time = { now: start, monotonic: 5000 }
  const ages = createProgressAges({ monotonic: () => time.monotonic })
  const statusOf = (seen?: DeploymentStatus, more: object = {}) =>
    deploymentStatus({
      deployment: deploymentOf(seen),
      newSet: setOf('web-2', 1, 0),
      oldSets: [setOf('web-1', 2, 2)],
      now: time.now,
      progressAgeMs: (updatedAt) => ages.of('u', updatedAt),
      ...more,
    })
  const begun = statusOf(undefined, { happened: { reason: 'NewReplicaSetCreated', message: '' } })
  time.now += jump
  time.monotonic += 300_000
  const half = statusOf(begun.status)
  expect(conditionOf(half.status, 'Progressing')?.status).toBe('True')
  expect(half.deadlineInMs).toBe(301_000)
  time.monotonic += 300_000
  expect(conditionOf(statusOf(half.status).status, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
})

test('pausing and resuming are told and stop the deadline', () => {
  const seen: DeploymentStatus = {
    conditions: [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', lastUpdateTime: '2026-01-01T00:00:00Z' }],
  }
  const paused = deploymentStatus({
    deployment: deploymentOf(seen, { paused: true }),
    newSet: setOf('web-1', 2, 1),
    oldSets: [],
    ...at(start),
  })
  expect(conditionOf(paused.status, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
  expect(paused.deadlineInMs).toBeUndefined()
  const resumed = deploymentStatus({
    deployment: deploymentOf(paused.status),
    newSet: setOf('web-1', 2, 1),
    oldSets: [],
    ...at(start + 3_600_000),
  })
  expect(conditionOf(resumed.status, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentResumed' })
})
