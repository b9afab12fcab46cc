import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '@bramble/shared/log.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import type { Cri } from '../../cri/cri.ts'
import { container, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'
import { createProber } from './prober.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

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
})
