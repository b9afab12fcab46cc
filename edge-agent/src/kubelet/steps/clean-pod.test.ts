import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryCache } from '../../cache/memory-cache.ts'
import { createActiveTime } from '../plan/active-time.ts'
import { createEndings } from '../plan/endings.ts'
import { emptyMemory, type PodMemory } from '../plan/memory.ts'
import type { StepContext } from '../parts.ts'
import { podPaths } from '../paths.ts'
import { samplePod } from '../testing/samples.ts'
import { cleanPod } from './clean-pod.ts'

test('of a pod that is gone nothing is left: no files, no times, and no memory of its events', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-clean-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const paths = podPaths(folder)
  const { facts } = createMemoryCache()
  const times = { facts, clock: { now: () => 0, monotonic: () => 0 }, bootId: 'b' }
  const [activeTime, endings] = [createActiveTime(times), createEndings(times)]
  const log = (uid: string) => paths.podLogs({ namespace: 'default', name: 'web', uid })
  for (const uid of ['u1', 'u2']) {
    mkdirSync(paths.pod(uid), { recursive: true })
    mkdirSync(log(uid), { recursive: true })
    endings.since(uid)
    activeTime.of(samplePod({ activeDeadlineSeconds: 60 }, { uid }))
  }
  let memory: PodMemory = emptyMemory()
  const forgotten: string[] = []
  const context = {
    ...{ uid: 'u1', instance: 'of-a-test', paths, activeTime, endings },
    volumes: { unmount: async () => {} },
    forgetEvents: (uid: string) => forgotten.push(uid),
    remember: (change: Partial<PodMemory>) => (memory = { ...memory, ...change }),
  } as unknown as StepContext // what the step uses of it
  expect(await cleanPod(context)).toBe('done')
  expect(memory.isCleaned).toBe(true)
  expect(forgotten).toEqual(['u1'])
  expect([readdirSync(paths.pods), readdirSync(paths.logs)]).toEqual([['u2'], ['default_web_u2']])
  expect(['active/u1', 'ending/u1'].map((key) => facts.get(key))).toEqual([undefined, undefined])
  expect(['active/u2', 'ending/u2'].map((key) => facts.get(key))).not.toContain(undefined)
})
