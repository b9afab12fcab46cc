import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { logPath } from '../paths.ts'
import type { StepContext, StepResult } from '../parts.ts'
import type { StepOf } from '../plan/step.ts'

/** Removes a dead container with its log and its last words. */
export async function removeContainer({ id, name, restartCount }: StepOf<'removeContainer'>, context: StepContext): Promise<StepResult> {
  const { cri, paths, seen, uid, signal } = context
  await cri.removeContainer(id, { signal })
  const log = join(paths.podLogs({ namespace: seen.namespace, name: seen.name, uid }), logPath(name, restartCount))
  const isShared = seen.containers.some((each) => each.id !== id && each.name === name && each.restartCount === restartCount)
  if (isShared) return 'done'
  const rotated = (await readdir(dirname(log)).catch(() => [])).filter((file) => file.startsWith(basename(log)))
  await Promise.all(rotated.map((file) => rm(join(dirname(log), file), { force: true })))
  await rm(paths.terminationLog(uid, name, restartCount), { force: true })
  return 'done'
}
