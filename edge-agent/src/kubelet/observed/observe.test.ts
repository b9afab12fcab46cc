import { describe, expect, it } from 'vitest'
import type { Cri } from '../../cri/cri.ts'
import { createObserver } from './observe.ts'

describe('what is seen of a container', () => {
  it('that ended has ended when the agent first saw it so, whatever the clock of the runtime said and says', async () => {
    let state = 'CONTAINER_RUNNING'
    let monotonic = 50_000
    const finishedAt = BigInt(Date.parse('2076-01-01T00:00:00Z')) * 1_000_000n
    const container = { id: 'c', podSandboxId: 's', labels: { 'io.kubernetes.pod.uid': 'u' }, annotations: {}, createdAt: 0 }
    const cri = {
      listPodSandboxes: async () => [],
      listContainers: async () => [{ ...container, state }],
      containerStatus: async () => ({ ...container, state, startedAt: 0, finishedAt, exitCode: 1, reason: '', message: '', imageRef: '' }),
    } as unknown as Cri // what the observer asks
    const observer = createObserver({
      cri,
      instance: 'i',
      clock: { now: () => 0, monotonic: () => monotonic },
      readMessage: async () => '',
    })
    const look = async () => {
      monotonic += 1000
      return (await observer.pod('u', new AbortController().signal)).containers[0]
    }
    expect(await look()).toMatchObject({ state: 'running', endedAt: 0 })
    state = 'CONTAINER_EXITED'
    expect(await look()).toMatchObject({ state: 'exited', endedAt: 52_000 })
    expect(await look()).toMatchObject({ state: 'exited', endedAt: 52_000 })
  })
})
