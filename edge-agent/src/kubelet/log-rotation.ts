import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Log } from '@bramble/shared/log.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Cri } from '../cri/cri.ts'
import { instanceLabel } from './labels.ts'

export type LogRotationDeps = {
  readonly cri: Cri
  readonly instance: string
  readonly log: Log
  readonly maxBytes?: number
  /** The one being written included. */
  readonly maxFiles?: number
  readonly everyMs?: number
}

/** Keeps each container's log within `maxBytes * maxFiles`: a chatty pod must not fill the card. */
export function createLogRotation({ cri, instance, log, maxBytes = 10 * 1024 * 1024, maxFiles = 3, everyMs = 10_000 }: LogRotationDeps) {
  const paths = new Map<string, string>()

  const rotateAll = async (signal: AbortSignal) => {
    const containers = await cri.listContainers({ labels: { [instanceLabel]: instance } }, { signal })
    const running = containers.filter(({ state }) => state === 'CONTAINER_RUNNING')
    const ids = new Set(running.map(({ id }) => id))
    for (const id of paths.keys()) if (!ids.has(id)) paths.delete(id)
    for (const { id } of running) {
      const path = paths.get(id) ?? (await cri.containerStatus(id, { signal }))?.logPath
      if (path === undefined || path === '') continue
      paths.set(id, path)
      const size = (await lstat(path).catch(() => undefined))?.size ?? 0
      if (size > maxBytes) await rotateLog(path, { maxFiles, reopen: () => cri.reopenContainerLog(id, { signal }) })
    }
  }

  return {
    rotateAll,
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await sleep(everyMs, signal).catch(() => {})
        if (signal.aborted) return
        await rotateAll(signal).catch((error: unknown) => {
          if (!signal.aborted) log.debug({ error }, 'logs could not be rotated')
        })
      }
    },
  }
}

/** Puts the full file aside under the next number, lets the runtime begin a new one and removes the oldest beyond `maxFiles`. */
export async function rotateLog(
  path: string,
  { maxFiles, reopen }: { readonly maxFiles: number; readonly reopen: () => Promise<void> },
): Promise<void> {
  // A number and no time: boards set their clocks back, and the order of what was written must not follow.
  const last = (await rotatedFiles(path)).map((file) => numberOf(file, path)).findLast((number) => number !== undefined) ?? 0
  const aside = `${path}.${last + 1}`
  await rename(path, aside)
  try {
    await reopen()
  } catch (error) {
    await rename(aside, path) // the runtime still writes to it; the next round tries again
    throw error
  }
  const old = await rotatedFiles(path)
  for (const file of old.slice(0, Math.max(0, old.length - (maxFiles - 1)))) await rm(file, { force: true })
}

/** What was put aside of a log, oldest first: by number; before them those of earlier versions, which were named by their time. */
export async function rotatedFiles(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => [])
  const files = names.filter((name) => name.startsWith(`${basename(path)}.`)).map((name) => join(dirname(path), name))
  return files.sort((a, b) => (numberOf(a, path) ?? 0) - (numberOf(b, path) ?? 0) || (a < b ? -1 : 1))
}

const numberOf = (file: string, path: string): number | undefined => {
  const rest = file.slice(path.length + 1)
  return /^\d+$/.test(rest) ? Number(rest) : undefined
}
