import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import type { SeenPod } from '../observed/seen.ts'
import type { PodMemory } from '../plan/memory.ts'
import { container, exited, isUp, memory, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import { podStatus } from './pod-status.ts'

const podWith = (more: object = {}, spec: object = {}, status?: Pod['status']) =>
  samplePod({ ephemeralContainers: [container('debug', more)], ...spec }, {}, status)
const main = seenContainer('main')
const isMainUp = new Map([['main-0', isUp]])
type Told = { readonly remembered?: Partial<PodMemory>; readonly previous?: PodStatus | undefined }
const tell = (pod: Pod, seen: SeenPod, { remembered = {}, previous = pod.status }: Told = {}) =>
  podStatus({
    ...{ pod, seen, previous, hostIP: '192.0.2.1', runtime: 'containerd', now, wallNow: now },
    memory: memory({ probes: isMainUp, ...remembered }),
  })
const debugIn = (status: PodStatus) => status.ephemeralContainerStatuses?.[0]
const isReady = ({ conditions = [] }: PodStatus) => conditions.find(({ type }) => type === 'Ready')?.status

describe('what is told of a container with which somebody looks into a pod', () => {
  it('runs, and is of no weight for the pod', () => {
    const status = tell(podWith(), seenPod([sandbox()], [main, seenContainer('debug')]))
    expect(debugIn(status)).toEqual({
      name: 'debug',
      image: 'docker.io/library/busybox:1',
      imageID: 'sha256:1',
      containerID: 'containerd://debug-0',
      ready: false,
      restartCount: 0,
      state: { running: { startedAt: '2026-06-01T11:59:10Z' } },
      lastState: {},
    })
    expect([status.phase, isReady(status)]).toEqual(['Running', 'True'])
    expect(tell(samplePod(), seenPod([sandbox()], [main]))).not.toHaveProperty('ephemeralContainerStatuses')
  })

  it('ends for good under every restart policy', () => {
    const status = tell(podWith(), seenPod([sandbox()], [main, exited('debug', 3)]))
    expect(debugIn(status)?.state).toEqual({ terminated: expect.objectContaining({ exitCode: 3, reason: 'Error' }) })
    expect([status.phase, isReady(status)]).toEqual(['Running', 'True'])
  })

  it('ends as well when its command could not be run, and is not tried again', () => {
    const failure = { reason: 'RunContainerError', message: 'no sh', image: 'busybox:1', failedAt: now, retryAt: now + 2000, delayMs: 2000 }
    const dead = exited('debug', 128, { reason: 'StartError', startedAt: 0 })
    const status = tell(podWith(), seenPod([sandbox()], [main, dead]), { remembered: { failures: new Map([['debug', failure]]) } })
    expect(debugIn(status)?.state).toEqual({ terminated: expect.objectContaining({ exitCode: 128, reason: 'StartError' }) })
  })

  it('waits for its image, and says why', () => {
    const failure = { reason: 'ErrImagePull', message: 'no', image: 'busybox:1', failedAt: now, retryAt: now + 9000, delayMs: 10_000 }
    const status = tell(podWith(), seenPod([sandbox()], [main]), { remembered: { failures: new Map([['debug', failure]]) } })
    expect(debugIn(status)?.state).toEqual({ waiting: { reason: 'ErrImagePull', message: 'no' } })
    expect([status.phase, isReady(status)]).toEqual(['Running', 'True'])
    expect(debugIn(tell(podWith(), seenPod([sandbox()], [main])))?.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
  })

  it('waits for its target, and says which', () => {
    const pod = podWith({ targetContainerName: 'main' })
    expect(debugIn(tell(pod, seenPod([sandbox()], [exited('main', 1)])))?.state).toEqual({
      waiting: { reason: 'CreateContainerConfigError', message: 'target container "main" is not running' },
    })
    expect(debugIn(tell(pod, seenPod([sandbox()], [main])))?.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
  })

  it('does not start in a pod that has ended, which is said', () => {
    const pod = podWith({}, { restartPolicy: 'Never' })
    const status = tell(pod, seenPod([sandbox()], [exited('main', 0)]))
    expect(status.phase).toBe('Succeeded')
    expect(debugIn(status)?.state).toEqual({
      waiting: { reason: 'ContainerCreating', message: 'the pod has ended, and nothing of it starts any more' },
    })
  })

  it('keeps a pod whose own containers have ended from being told as ended, until it is down itself', () => {
    const pod = podWith({}, { restartPolicy: 'Never' })
    expect(tell(pod, seenPod([sandbox()], [exited('main', 0), seenContainer('debug')])).phase).toBe('Running')
    expect(tell(pod, seenPod([sandbox()], [exited('main', 0), exited('debug', 137)])).phase).toBe('Succeeded')
  })

  it('is told as ended when the runtime has forgotten it', () => {
    const ran = tell(podWith(), seenPod([sandbox()], [main, seenContainer('debug')]))
    const status = tell(podWith(), seenPod([sandbox()], [main]), { previous: ran })
    expect(debugIn(status)?.state).toEqual({
      terminated: expect.objectContaining({ exitCode: 137, reason: 'ContainerStatusUnknown', containerID: 'containerd://debug-0' }),
    })
    const later = tell(podWith(), seenPod([sandbox()], [main]), { previous: status })
    expect(debugIn(later)).toEqual(debugIn(status))
  })
})
