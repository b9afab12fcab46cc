import { expect, test } from 'vitest'
import { emptyMemory, type PodMemory } from '../plan/memory.ts'
import type { StepContext } from '../parts.ts'
import { samplePod, seenPod } from '../testing/samples.ts'
import { mountVolumes } from './mount-volumes.ts'

test('what keeps a volume from its pod is told once, when it is the same a second time: objects arrive one by one', async () => {
  const told: string[] = []
  let memory: PodMemory = emptyMemory()
  const attempt = (message: string) =>
    mountVolumes({
      pod: samplePod(),
      seen: seenPod([]),
      volumes: { mount: () => Promise.reject(new Error(message)) },
      objects: () => ({}),
      memory: () => memory,
      remember: (change: Partial<PodMemory>) => (memory = { ...memory, ...change }),
      emit: (_pod: unknown, _type: string, reason: string, text: string) => told.push(`${reason} ${text}`),
      clock: { now: () => 0, monotonic: () => 0 },
      signal: new AbortController().signal,
      hostIP: () => '192.0.2.1',
      allocatable: () => ({}),
    } as unknown as StepContext) // what the step uses
  for (const message of ['a is missing', 'b is missing', 'c is missing', 'c is missing', 'c is missing', 'd is missing', 'd is missing'])
    await attempt(message)
  expect(told).toEqual(['FailedMount c is missing', 'FailedMount d is missing'])
})
