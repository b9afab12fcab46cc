import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unmountUnder } from '../../host/mounts.ts'
import { removeTree } from '../../host/remove-tree.ts'
import { removePodCgroups } from '../resources/cgroups.ts'
import type { StepContext, StepResult } from '../parts.ts'

/** Removes volumes, files, logs and cgroups of a pod that has nothing running any more. */
export async function cleanPod({
  uid,
  volumes,
  paths,
  instance,
  activeTime,
  endings,
  forgetEvents,
  remember,
}: StepContext): Promise<StepResult> {
  await volumes.unmount(uid)
  await unmountUnder([paths.pod(uid)])
  await removeTree(paths.pod(uid))
  // By uid: of a pod that was deleted at once neither the API nor the runtime knows the name any more.
  const { logs } = paths
  const left = (await readdir(logs).catch(() => [])).filter((folder) => folder.endsWith(`_${uid}`))
  for (const folder of left) await removeTree(join(logs, folder))
  await removePodCgroups(instance, uid)
  activeTime.forget(uid)
  endings.forget(uid)
  forgetEvents(uid)
  remember({ isCleaned: true, volumes: { tag: 'none' } })
  return 'done'
}
