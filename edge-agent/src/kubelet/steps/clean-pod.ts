import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removePodCgroups } from '../cgroups.ts'
import type { StepContext, StepResult } from '../parts.ts'

/** Removes volumes, files, logs and cgroups of a pod that has nothing running any more. */
export async function cleanPod({ uid, volumes, paths, instance, remember }: StepContext): Promise<StepResult> {
  await volumes.unmount(uid)
  await rm(paths.pod(uid), { recursive: true, force: true })
  // By uid: of a pod that was deleted at once neither the API nor the runtime knows the name any more.
  const { logs } = paths
  const left = (await readdir(logs).catch(() => [])).filter((folder) => folder.endsWith(`_${uid}`))
  for (const folder of left) await rm(join(logs, folder), { recursive: true, force: true })
  await removePodCgroups(instance, uid)
  remember({ isCleaned: true, volumes: { tag: 'none' } })
  return 'done'
}
