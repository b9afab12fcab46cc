import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { createPodWorker, type PodWorker, type PodWorkerDeps } from './pod-worker.ts'

export type PodWorkersDeps = Omit<PodWorkerDeps, 'uid' | 'wanted'> & { readonly wanted: (uid: string) => Pod | undefined }

/** The workers of all pods: each pod that is wanted, or of which something is there, has one and never two. They end with the signal. */
export type PodWorkers = {
  /** The pod's worker, which is begun if it has none. */
  readonly workFor: (uid: string) => PodWorker
  readonly of: (uid: string) => PodWorker | undefined
  readonly wakeAll: () => void
  readonly ended: () => Promise<unknown>
}

export function createPodWorkers({ wanted, ...deps }: PodWorkersDeps, signal: AbortSignal): PodWorkers {
  const workers = new Map<string, { readonly worker: PodWorker; readonly done: Promise<void> }>()
  const workFor = (uid: string): PodWorker => {
    const existing = workers.get(uid)
    if (existing) return existing.worker
    const worker = createPodWorker({ ...deps, uid, wanted: () => wanted(uid) })
    const done = worker
      .run(signal)
      .catch((error: unknown) => deps.parts.log.error({ error, uid }, 'pod worker ended'))
      .finally(() => {
        workers.delete(uid)
        if (wanted(uid) !== undefined && !signal.aborted) workFor(uid)
      })
    workers.set(uid, { worker, done })
    return worker
  }
  return {
    workFor,
    of: (uid) => workers.get(uid)?.worker,
    wakeAll() {
      for (const { worker } of workers.values()) worker.wake('objects')
    },
    ended: () => Promise.all([...workers.values()].map(({ done }) => done)),
  }
}
