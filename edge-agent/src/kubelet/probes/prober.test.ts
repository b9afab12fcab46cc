import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import type { Cri } from '../../cri/cri.ts'
import { container, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import { createProber } from './prober.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the first probe of a container', () => {
  const hour = 3_600_000
  const startedAt = Date.parse('2026-06-01T12:00:00Z')
  /** Seconds from the look until the first check, with a delay of 60 s. */
  async function firstCheck({ isAdopted, wallAgeMs }: { isAdopted: boolean; wallAgeMs: number }) {
    let checkedAt: number | undefined
    const look = performance.now()
    const execSync = async () => {
      checkedAt ??= performance.now() - look
      return { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
    }
    const clock = { now: () => startedAt + wallAgeMs, monotonic: () => hour }
    const cri = { execSync } as unknown as Cri // only commands are run
    const prober = createProber({ cri, clock, log: silentLog, hostIP: () => '', emit: () => {}, onChange: () => {} })
    const livenessProbe = { exec: { command: ['true'] }, initialDelaySeconds: 60 }
    const pod = samplePod({ containers: [container('main', { livenessProbe })] })
    if (!isAdopted) prober.sync(pod, seenPod([sandbox()]))
    prober.sync(pod, seenPod([sandbox()], [seenContainer('main', { startedAt })]))
    await vi.advanceTimersByTimeAsync(61_000)
    prober.stop()
    return Math.round((checkedAt ?? Number.NaN) / 1000)
  }

  it.each([
    ['forward', 50 * 365 * 24 * hour],
    ['back', -hour],
  ])('comes after its delay, when the clock is set %s between the start and the look', async (_how, wallAgeMs) => {
    expect(await firstCheck({ isAdopted: false, wallAgeMs })).toBe(60)
    expect(await firstCheck({ isAdopted: true, wallAgeMs })).toBe(60)
  })

  it('of one that an agent before this one started comes when its delay since the start is over', async () => {
    expect(await firstCheck({ isAdopted: true, wallAgeMs: 45_000 })).toBe(15)
  })
})

it('of a pod that is going only readiness is still asked for', async () => {
  const asked: string[] = []
  const execSync = async (_id: string, [word = '']: readonly string[]) => {
    asked.push(word)
    return { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  }
  const cri = { execSync } as unknown as Cri // only commands are run
  const prober = createProber({ cri, clock: systemClock, log: silentLog, hostIP: () => '', emit: () => {}, onChange: () => {} })
  const probe = (word: string) => ({ exec: { command: [word] }, periodSeconds: 1 })
  const pod = samplePod({ containers: [container('main', { livenessProbe: probe('liveness'), readinessProbe: probe('readiness') })] })
  const seen = seenPod([sandbox()], [seenContainer('main')])
  prober.sync(pod, seen)
  await vi.advanceTimersByTimeAsync(1_500)
  expect(asked).toEqual(['liveness', 'readiness', 'liveness', 'readiness'])
  prober.sync({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-06-01T12:00:00Z' } }, seen)
  await vi.advanceTimersByTimeAsync(2_000)
  prober.stop()
  expect(asked.slice(4)).toEqual(['readiness', 'readiness'])
})

describe('the command of a probe', () => {
  it("knows the variables that the container's env writes out, and no others", async () => {
    const commands: (readonly string[])[] = []
    const cri = {
      execSync: async (_id: string, command: readonly string[]) => {
        commands.push(command)
        return { exitCode: 0, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
      },
    } as unknown as Cri // only commands are run
    const prober = createProber({ cri, clock: systemClock, log: silentLog, hostIP: () => '', emit: () => {}, onChange: () => {} })
    const command = ['test', '$(WORD)', '=', 'yes', '$$(WORD)', '$(OTHER)', '$(NODE)']
    const env = [
      { name: 'WORD', value: 'yes' },
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    ]
    const pod = samplePod({ containers: [container('main', { env, readinessProbe: { exec: { command } } })] })
    prober.sync(pod, seenPod([sandbox()], [seenContainer('main')]))
    await vi.advanceTimersByTimeAsync(1)
    prober.stop()
    // As the kubelet, which takes a variable without a value of its own for an empty one.
    expect(commands).toEqual([['test', 'yes', '=', 'yes', '$(WORD)', '$(OTHER)', '']])
  })

  it('fails where it would be longer than a program is started with, and is not made', async () => {
    const events: string[] = []
    const emit = (_pod: unknown, _type: string, _reason: string, message: string) => events.push(message)
    const prober = createProber({ cri: {} as Cri, clock: systemClock, log: silentLog, hostIP: () => '', emit, onChange: () => {} })
    const command = ['test', '$(WORD)'.repeat(10_000)]
    const env = [{ name: 'WORD', value: 'x'.repeat(100_000) }]
    const pod = samplePod({ containers: [container('main', { env, readinessProbe: { exec: { command } } })] })
    prober.sync(pod, seenPod([sandbox()], [seenContainer('main')]))
    await vi.advanceTimersByTimeAsync(1)
    prober.stop()
    expect(events).toEqual([expect.stringMatching(/^Readiness probe failed: \$\(WORD\).* is longer than 6291456 characters/)])
  })
})
