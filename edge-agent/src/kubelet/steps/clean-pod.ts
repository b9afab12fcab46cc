import { rm } from 'node:fs/promises'
import { removePodCgroups } from '../cgroups.ts'
import type { StepContext, StepResult } from '../parts.ts'

/** Removes volumes, files, logs and cgroups of a pod that has nothing running any more. */
export async function cleanPod({ uid, seen, pod, volumes, paths, instance, remember }: StepContext): Promise<StepResult> {
  await volumes.unmount(uid)
  await rm(paths.pod(uid), { recursive: true, force: true })
  const namespace = pod?.metadata.namespace ?? seen.namespace
  const name = pod?.metadata.name ?? seen.name
  if (name !== '') await rm(paths.podLogs({ namespace, name, uid }), { recursive: true, force: true })
  await removePodCgroups(instance, uid)
  remember({ isCleaned: true, volumes: { tag: 'none' } })
  return 'done'
}
