import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { isUp, memory, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import { createStatusReporter, type Look } from './status-reporter.ts'

beforeEach(() => void vi.useFakeTimers({ now }))
afterEach(() => void vi.useRealTimers())

const nothingUp: Look = { seen: seenPod([sandbox()]), steps: [], activeMs: undefined }
const running: Look = { ...nothingUp, seen: seenPod([sandbox()], [seenContainer('main')]) }
const busy = (look: Look): Look => ({ ...look, steps: [{ kind: 'mountVolumes' }] })

function create() {
  let monotonic = 100_000
  const told: PodStatus[] = []
  const events: string[] = []
  let remembered = memory({ probes: new Map([['main-0', isUp]]) })
  const reporter = createStatusReporter({
    parts: {
      clock: { now: () => Date.now(), monotonic: () => monotonic },
      emit: (_pod, _type, reason, message) => events.push(`${reason}: ${message}`),
      hostIP: () => '192.0.2.1',
      runtime: () => 'containerd',
    },
    memory: () => remembered,
    reportStatus: (_pod, status) => told.push(status),
  })
  return {
    reporter,
    told,
    events,
    phases: () => told.map(({ phase }) => phase),
    remember: (more: Parameters<typeof memory>[0]) => (remembered = memory(more)),
    pass(ms: number) {
      monotonic += ms
      vi.advanceTimersByTime(ms)
    },
    get now() {
      return monotonic
    },
  }
}

describe('the status of a pod', () => {
  it('is told once when a quick start has settled, and as it is then', () => {
    const { reporter, pass, phases } = create()
    const pod = samplePod()
    reporter.tell(pod, busy(nothingUp))
    pass(400)
    reporter.tell(pod, busy(running))
    pass(400)
    expect(phases()).toEqual([])
    reporter.tell(pod, running)
    expect(phases()).toEqual(['Running'])
    pass(60_000)
    reporter.tell(pod, running)
    expect(phases()).toEqual(['Running'])
  })

  it('is told of a slow start while that goes on', () => {
    const { reporter, pass, phases } = create()
    reporter.tell(samplePod(), busy(nothingUp))
    pass(500)
    expect(phases()).toEqual(['Pending'])
  })

  it('is said again when somebody else writes it, once for each such change and not before our own can have come back', () => {
    const world = create()
    const { reporter, pass, told } = world
    const pod = samplePod()
    reporter.tell(pod, running)
    const lost = { ...pod, status: { ...told[0], phase: 'Unknown' } } as Pod
    reporter.tell(lost, running)
    expect(told).toHaveLength(1)
    expect(reporter.lookAgainAt()).toBe(world.now + 10_001)
    pass(10_001)
    reporter.tell(lost, running)
    expect(told).toHaveLength(2)
    expect(reporter.lookAgainAt()).toBe(Infinity)
    pass(60_000)
    reporter.tell(lost, running)
    expect(told).toHaveLength(2)
  })

  it('goes out before the pod is confirmed to be gone, and nothing is told of one that is being taken apart', () => {
    const { reporter, phases, told } = create()
    const going = samplePod({}, { deletionTimestamp: '2026-06-01T12:00:00Z' })
    reporter.tell(going, busy(running))
    expect(told).toEqual([])
    reporter.tell(going, { ...nothingUp, seen: seenPod([]), steps: [{ kind: 'confirmDeleted' }] })
    expect(phases()).toEqual(['Running'])
  })

  it('brings the event of a back-off with it, once', () => {
    const world = create()
    const { reporter, events, pass } = world
    const failure = {
      reason: 'ErrImagePull',
      image: 'busybox:1',
      message: 'no',
      failedAt: world.now,
      retryAt: world.now + 60_000,
      delayMs: 60_000,
    }
    world.remember({ failures: new Map([['main', failure]]) })
    reporter.tell(samplePod(), nothingUp)
    expect(events).toEqual([])
    pass(reporter.lookAgainAt() - world.now + 1)
    for (let again = 0; again < 2; again++) reporter.tell(samplePod(), nothingUp)
    expect(events).toEqual(['BackOff: Back-off pulling image "busybox:1"'])
  })

  it('is not told any more when its worker has ended', () => {
    const { reporter, pass, told } = create()
    reporter.tell(samplePod(), busy(nothingUp))
    reporter.stop()
    pass(60_000)
    expect(told).toEqual([])
  })
})

it('who looks into a pod hears once, also as an event, that the container to look into does not run', () => {
  const { reporter, events, told } = create()
  const pod = samplePod({ ephemeralContainers: [{ name: 'debug', image: 'busybox:1', targetContainerName: 'main' }] })
  reporter.tell(pod, nothingUp)
  reporter.tell(pod, nothingUp)
  expect(events).toEqual(['Failed: Error: target container "main" is not running'])
  reporter.tell(pod, running)
  expect(told.at(-1)?.ephemeralContainerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
  expect(events).toHaveLength(1)
})
