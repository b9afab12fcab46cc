import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exec } from '../host/exec.ts'
import { processIds } from '../host/process-ids.ts'
import { readNames, readText } from '../host/read-sysfs.ts'

export type RuntimeFolders = {
  readonly socket: string
  readonly state: string
}

/**
 * Ends shims of containers that containerd knows nothing of: one that is killed between starting a shim and noting the
 * task adopts the shim without its task, and nobody ever asks it to go. Answers the containers' ids.
 */
export async function endOrphanedShims(
  { socket, state }: RuntimeFolders,
  known: () => Promise<ReadonlySet<string>>,
): Promise<readonly string[]> {
  // Shims are read first: a container is noted before its shim starts, and forgotten after its shim has ended.
  const shims = shimsOf(socket).filter(({ id }) => readNames(tasksOf(state)).includes(id))
  if (shims.length === 0) return []
  const ids = await known()
  const orphans = shims.filter(({ id }) => !ids.has(id))
  // containerd clears up behind a shim that dies.
  for (const { pid } of orphans) kill(pid)
  return orphans.map(({ id }) => id)
}

/** Ends every shim and container of a containerd that does not run any more. */
export function endAllContainers({ socket, state }: RuntimeFolders): void {
  const ids = readNames(tasksOf(state))
  for (const { pid } of shimsOf(socket)) kill(pid)
  if (ids.length === 0) return
  for (const pid of processIds()) if (ids.some((id) => (readText(`/proc/${pid}/cgroup`) ?? '').includes(id))) kill(pid)
}

/**
 * Removes the network namespaces of sandboxes that containerd was killed over before it noted them; their links go with
 * them. `unused` keeps since when (a time that only goes forward) each was seen without a process, because a sandbox in
 * the making has none either; those since before `unusedBefore` go. Answers their names.
 */
export async function removeOrphanedNetworks(
  { state }: RuntimeFolders,
  { unused, now, unusedBefore }: { readonly unused: Map<string, number>; readonly now: number; readonly unusedBefore: number },
): Promise<readonly string[]> {
  const folder = join(state, 'io.containerd.grpc.v1.cri', 'netns')
  const names = readNames(folder)
  const inUse = new Set(names.length === 0 ? [] : processIds().map((pid) => inodeOf(`/proc/${pid}/ns/net`)))
  const unusedNow = names.filter((name) => !inUse.has(inodeOf(join(folder, name))))
  for (const name of unused.keys()) if (!unusedNow.includes(name)) unused.delete(name)
  for (const name of unusedNow) if (!unused.has(name)) unused.set(name, now)
  const removed = unusedNow.filter((name) => (unused.get(name) ?? now) < unusedBefore)
  for (const path of removed.map((name) => join(folder, name))) {
    await exec('umount', [path])
    rmSync(path, { force: true })
  }
  return removed
}

const tasksOf = (state: string) => join(state, 'io.containerd.runtime.v2.task', 'k8s.io')

/** Shims name their containerd on their command line, and the container that they were started for. */
function shimsOf(socket: string): readonly { readonly pid: number; readonly id: string }[] {
  return processIds().flatMap((pid) => {
    const words = (readText(`/proc/${pid}/cmdline`) ?? '').split('\0')
    const after = (flag: string) => words[words.indexOf(flag) + 1]
    const id = after('-id')
    return words[0]?.includes('containerd-shim') && after('-address') === socket && id !== undefined ? [{ pid, id }] : []
  })
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended by itself
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}
