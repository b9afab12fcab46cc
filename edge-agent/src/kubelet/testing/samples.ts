import { pod as podSchema, type Pod } from '@bramble/shared/kinds/pod.ts'
import { emptyMemory, type PodMemory } from '../plan/memory.ts'
import { hashOf } from '../wanted/pod-facts.ts'
import type { SeenContainer, SeenPod, SeenSandbox } from '../observed/seen.ts'

/** Wall time and monotonic time of the samples. */
export const now = Date.parse('2026-06-01T12:00:00Z')

export type SampleSpec = { readonly containers?: readonly object[] } & Record<string, unknown>

export const container = (name: string, more: object = {}) => ({ name, image: 'busybox:1', ...more })

/** A pod as the API stores it, with every default in. */
export function samplePod(spec: SampleSpec = {}, metadata: Record<string, unknown> = {}, status?: Pod['status']): Pod {
  return podSchema.parse({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u1', creationTimestamp: '2026-06-01T11:00:00Z', ...metadata },
    spec: { nodeName: 'node-1', containers: [container('main')], ...spec },
    ...(status === undefined ? {} : { status }),
  }) as Pod
}

export const sandbox = (more: Partial<SeenSandbox> = {}): SeenSandbox => ({
  id: 's0',
  attempt: 0,
  isReady: true,
  createdAt: now - 60_000,
  ips: ['10.42.0.5'],
  ...more,
})

export const seenContainer = (name: string, more: Partial<SeenContainer> = {}): SeenContainer => ({
  id: `${name}-${more.restartCount ?? 0}`,
  sandboxId: 's0',
  name,
  state: 'running',
  restartCount: 0,
  hash: hashOf({ name, image: 'busybox:1' } as never),
  createdAt: now - 50_000,
  startedAt: now - 50_000,
  finishedAt: 0,
  endedAt: 0,
  exitCode: 0,
  reason: '',
  message: '',
  image: 'docker.io/library/busybox:1',
  imageRef: 'sha256:1',
  graceSeconds: 30,
  preStop: '',
  ...more,
})

export const exited = (name: string, exitCode: number, more: Partial<SeenContainer> = {}) =>
  seenContainer(name, { state: 'exited', exitCode, finishedAt: now - 1000, endedAt: now - 1000, ...more })

export const seenPod = (sandboxes: readonly SeenSandbox[], containers: readonly SeenContainer[] = []): SeenPod => ({
  uid: 'u1',
  name: 'web',
  namespace: 'default',
  sandboxes,
  containers,
})

export const memory = (more: Partial<PodMemory> = {}): PodMemory => ({
  ...emptyMemory(),
  volumes: { tag: 'mounted', paths: new Map() },
  ...more,
})

export const isUp = { isStarted: true, isReady: true }
