import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import type { PodMemory } from '../plan/memory.ts'
import { podStatus } from './pod-status.ts'
import type { SeenPod } from '../observed/seen.ts'
import { container, exited, isUp, memory, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'

const statusOf = (
  pod: Pod,
  seen: SeenPod,
  remembered: PodMemory = memory(),
  previous: PodStatus | undefined = pod.status,
  more: { readonly activeMs?: number } = {},
) => podStatus({ pod, seen, memory: remembered, previous, hostIP: '192.0.2.1', runtime: 'containerd', now, wallNow: now, ...more })
const conditions = ({ conditions = [] }: PodStatus) =>
  Object.fromEntries(conditions.map(({ type, status, reason }) => [type, reason ?? status]))
const waiting = (status: PodStatus) => status.containerStatuses?.[0]?.state?.waiting
const crash = { delayMs: 20_000, updatedAt: now - 5000 }
const failed = (reason: string, failedAt = now) =>
  memory({
    failures: new Map([['main', { reason, message: 'why', image: 'busybox:1', failedAt, retryAt: now + 10_000, delayMs: 10_000 }]]),
  })

describe('the status of a pod', () => {
  it('says Pending and ContainerCreating before anything runs', () => {
    const status = statusOf(samplePod(), seenPod([]))
    expect(status).toMatchObject({ phase: 'Pending', hostIP: '192.0.2.1', qosClass: 'BestEffort', startTime: '2026-06-01T12:00:00Z' })
    expect(waiting(status)).toEqual({ reason: 'ContainerCreating' })
    expect(conditions(status)).toEqual({
      PodReadyToStartContainers: 'False',
      Initialized: 'True',
      Ready: 'ContainersNotReady',
      ContainersReady: 'ContainersNotReady',
      PodScheduled: 'True',
    })
  })

  it('says Running and Ready with addresses and ids', () => {
    const status = statusOf(samplePod(), seenPod([sandbox()], [seenContainer('main')]), memory({ probes: new Map([['main-0', isUp]]) }))
    expect(status).toMatchObject({
      phase: 'Running',
      podIP: '10.42.0.5',
      podIPs: [{ ip: '10.42.0.5' }],
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          started: true,
          containerID: 'containerd://main-0',
          imageID: 'sha256:1',
          state: { running: { startedAt: '2026-06-01T11:59:10Z' } },
        },
      ],
    })
    expect(conditions(status)['Ready']).toBe('True')
  })

  it('a container keeps the name of its image when its content gets another one; the next container has the name of then', () => {
    const seenAs = (image: string, id: string) => seenPod([sandbox()], [seenContainer('main', { id, image })])
    const imageOf = (status: PodStatus) => status.containerStatuses?.[0]?.image
    const first = statusOf(samplePod(), seenAs('docker.io/library/busybox:1', 'main-0'))
    expect(imageOf(first)).toBe('docker.io/library/busybox:1')
    const then = statusOf(samplePod(), seenAs('127.0.0.1:5000/mine:1', 'main-0'), memory(), first)
    expect(imageOf(then)).toBe('docker.io/library/busybox:1')
    expect(imageOf(statusOf(samplePod(), seenAs('127.0.0.1:5000/mine:1', 'main-1'), memory(), then))).toBe('127.0.0.1:5000/mine:1')
  })

  it('keeps the time of a condition that did not change', () => {
    const seen = seenPod([sandbox()], [seenContainer('main')])
    const first = statusOf(samplePod(), seen, memory({ probes: new Map([['main-0', isUp]]) }))
    const earlier = {
      ...first,
      conditions: first.conditions?.map((condition) => ({ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' })),
    }
    const next = statusOf(samplePod(), seen, memory({ probes: new Map([['main-0', { isStarted: true, isReady: false }]]) }), earlier)
    const times = Object.fromEntries((next.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]))
    expect(times).toMatchObject({ Initialized: '2026-01-01T00:00:00Z', Ready: '2026-06-01T12:00:00Z' })
  })

  it.each([
    ['Always', 1, 'Running'],
    ['Never', 0, 'Succeeded'],
    ['Never', 3, 'Failed'],
    ['OnFailure', 0, 'Succeeded'],
    ['OnFailure', 3, 'Running'],
  ])('with policy %s and exit code %i it is %s', (restartPolicy, exitCode, phase) => {
    const status = statusOf(samplePod({ restartPolicy }), seenPod([sandbox()], [exited('main', exitCode)]))
    expect(status.phase).toBe(phase)
    expect(status.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' })
  })

  it('tells a crash loop with the last end and its message', () => {
    const seen = seenPod([sandbox()], [exited('main', 137, { restartCount: 2, reason: 'OOMKilled', message: 'bye' })])
    const status = statusOf(samplePod(), seen, memory({ crashes: new Map([['main', crash]]) }))
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s restarting failed container=main pod=web_default(u1)' } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', message: 'bye' } },
    })
  })

  it('turns ErrImagePull into ImagePullBackOff after a moment', () => {
    expect(waiting(statusOf(samplePod(), seenPod([sandbox()]), failed('ErrImagePull')))).toEqual({ reason: 'ErrImagePull', message: 'why' })
    expect(waiting(statusOf(samplePod(), seenPod([sandbox()]), failed('ErrImagePull', now - 5000)))).toEqual({
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "busybox:1": ErrImagePull: why',
    })
    expect(waiting(statusOf(samplePod(), seenPod([sandbox()]), failed('CreateContainerConfigError')))).toMatchObject({
      reason: 'CreateContainerConfigError',
    })
  })

  it('turns a container that cannot be started into a crash loop after a moment', () => {
    const at = (failedAt: number) => {
      const seen = seenPod([sandbox()], [exited('main', 128, { reason: 'StartError', endedAt: failedAt })])
      const { failures } = failed('RunContainerError', failedAt)
      return waiting(statusOf(samplePod(), seen, memory({ crashes: new Map([['main', crash]]), failures })))
    }
    expect(at(now - 1000)).toEqual({ reason: 'RunContainerError', message: 'why' })
    expect(at(now - 5000)).toMatchObject({ reason: 'CrashLoopBackOff' })
  })

  it('lists the init containers that are not through, and holds the others at PodInitializing', () => {
    const pod = samplePod({ initContainers: [container('a'), container('b')] })
    const status = statusOf(pod, seenPod([sandbox()], [exited('a', 0)]))
    expect(status.conditions?.find(({ type }) => type === 'Initialized')?.message).toBe('containers with incomplete status: [b]')
    expect(status.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, false])
    expect(waiting(status)).toEqual({ reason: 'PodInitializing' })
    expect(status.phase).toBe('Pending')
  })

  it('says PodInitializing of what has not run yet wherever there are init containers, before their volumes and after their work', () => {
    const pod = samplePod({ initContainers: [container('a')] })
    const seen = [
      [],
      [seenContainer('a', { state: 'created' })],
      [exited('a', 0)],
      [exited('a', 0), seenContainer('main', { state: 'created' })],
    ]
    for (const containers of seen) {
      const { initContainerStatuses = [], containerStatuses = [] } = statusOf(
        pod,
        seenPod(containers.length > 0 ? [sandbox()] : [], containers),
      )
      const reasons = [...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state?.waiting?.reason ?? [])
      expect(new Set(reasons)).toEqual(new Set(['PodInitializing']))
    }
  })

  it('stays Running until the sidecars of a finished pod are down', () => {
    const pod = samplePod({ restartPolicy: 'Never', initContainers: [container('side', { restartPolicy: 'Always' })] })
    expect(statusOf(pod, seenPod([sandbox()], [exited('main', 0), seenContainer('side')])).phase).toBe('Running')
    expect(statusOf(pod, seenPod([sandbox()], [exited('main', 0), exited('side', 143)])).phase).toBe('Succeeded')
  })

  it.each([
    ['a sidecar of a pod whose work is done', { activeMs: 0 }, 'Succeeded'],
    ['a container of a pod past its deadline', { activeMs: 60_000 }, 'Failed'],
  ] as const)('says of %s how it ended, and not that it will start again', (_what, more, phase) => {
    const isDone = phase === 'Succeeded'
    const side = container('side', { restartPolicy: 'Always' })
    const pod = samplePod(
      isDone ? { restartPolicy: 'Never', initContainers: [side] } : { restartPolicy: 'Always', activeDeadlineSeconds: 5 },
      {},
      { phase: 'Running', startTime: '2026-06-01T11:59:00Z' },
    )
    const ended = isDone ? [exited('main', 0), exited('side', 0)] : [exited('main', 1)]
    const crashes = new Map(['side', 'main'].map((name) => [name, crash]))
    const status = statusOf(pod, seenPod([sandbox()], ended), memory({ crashes }), pod.status, more)
    expect(status.phase).toBe(phase)
    for (const { state } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      expect(Object.keys(state ?? {})).toEqual(['terminated'])
  })

  it('keeps what it said of a pod that is over, whatever is left of it', () => {
    const over = statusOf(samplePod({ restartPolicy: 'Never' }), seenPod([sandbox()], [exited('main', 0)]))
    const later = statusOf(samplePod({ restartPolicy: 'Never' }), seenPod([]), memory(), over)
    expect(later.phase).toBe('Succeeded')
    expect(later.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0)
    expect(conditions(later)['Ready']).toBe('PodCompleted')
  })

  it.each([0, 1])(
    'an init container that did its work is ready also when the pod is over, and nothing else of it is (main ended with %d)',
    (code) => {
      const side = container('side', { restartPolicy: 'Always' })
      const pod = samplePod({ restartPolicy: 'Never', initContainers: [container('a'), side] })
      const over = statusOf(pod, seenPod([sandbox()], [exited('a', 0), exited('side', 0), exited('main', code)]))
      for (const status of [over, statusOf(pod, seenPod([]), memory(), over)]) {
        expect(status.phase).toBe(code === 0 ? 'Succeeded' : 'Failed')
        expect(status.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, false])
        expect(status.containerStatuses?.map(({ ready }) => ready)).toEqual([false])
      }
    },
  )

  it('says how a deleted pod went once it is down', () => {
    const pod = samplePod({}, { deletionTimestamp: '2026-06-01T12:00:00Z', deletionGracePeriodSeconds: 30 })
    expect(statusOf(pod, seenPod([sandbox()], [seenContainer('main')])).phase).toBe('Running')
    expect(statusOf(pod, seenPod([sandbox()], [exited('main', 137)])).phase).toBe('Failed')
    expect(statusOf(pod, seenPod([sandbox()], [exited('main', 0)])).phase).toBe('Succeeded')
  })

  it('tells why a pod past its deadline failed', () => {
    const pod = samplePod({ activeDeadlineSeconds: 5 }, {}, { startTime: '2026-06-01T11:59:00Z' })
    expect(statusOf(pod, seenPod([sandbox()], [exited('main', 143)]), memory(), pod.status, { activeMs: 6000 })).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
    })
  })

  it('is not Ready before its readiness gates are', () => {
    const pod = samplePod({ readinessGates: [{ conditionType: 'example.com/lb' }] })
    const status = statusOf(pod, seenPod([sandbox()], [seenContainer('main')]), memory({ probes: new Map([['main-0', isUp]]) }))
    expect(conditions(status)).toMatchObject({ ContainersReady: 'True', Ready: 'ReadinessGatesNotReady' })
  })
})

describe('a status is never longer than the hub takes it', () => {
  const many = Array.from({ length: 30 }, (_, index) => container(`c${index}`))
  // The hub's bound for the status that a node writes.
  const fits = (status: PodStatus) => expect(JSON.stringify(status).length).toBeLessThan(512 * 1024)

  it('when thirty containers leave last words of 4 KiB that JSON writes six times as long, twice', () => {
    const last = many.flatMap(({ name }) => [1, 0].map((restartCount) => exited(name, 1, { restartCount, message: '\u0001'.repeat(4096) })))
    const status = statusOf(samplePod({ containers: many, restartPolicy: 'Never' }), seenPod([sandbox()], last))
    fits(status)
    const share = Math.floor((12 * 1024) / 30)
    expect(status.containerStatuses?.[0]?.state?.terminated?.message).toBe(`${'\u0001'.repeat(share - 3)}…`)
  })

  it('and one container may use all of its 4 KiB', () => {
    const message = 'w'.repeat(4096)
    const status = statusOf(samplePod({ restartPolicy: 'Never' }), seenPod([sandbox()], [exited('main', 1, { message })]))
    expect(status.containerStatuses?.[0]?.state?.terminated?.message).toBe(message)
  })

  it('when a runtime repeats a command of megabytes, or an image has a name of megabytes', () => {
    const image = 'a/'.repeat(500_000)
    const failures = memory({
      failures: new Map([
        ['main', { reason: 'RunContainerError', message: 'x'.repeat(900_000), image, failedAt: now, retryAt: now, delayMs: 1 }],
      ]),
    })
    const status = statusOf(samplePod({ containers: [{ name: 'main', image }] }), seenPod([sandbox()]), failures)
    fits(status)
    expect(waiting(status)?.message).toMatch(/^x{1021}…$/)
  })
})
