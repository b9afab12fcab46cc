import { constants } from 'node:fs'
import { lstat, open, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { every } from '@bramble/shared/async/every.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Cri } from '../../cri/cri.ts'
import { containerNameLabel, instanceLabel, podUidLabel, restartCountAnnotation } from '../observed/labels.ts'
import { cutLog, rotateLog, rotatedFiles } from '../logs/log-rotation.ts'
import { logPath, type PodPaths } from '../paths.ts'

export type DiskGuardDeps = {
  readonly cri: Cri
  readonly instance: string
  readonly paths: PodPaths
  readonly clock: Clock
  readonly log: Log
  /** For the pod's events; once for each file. */
  readonly tell: (uid: string, reason: string, message: string) => void
  readonly maxLogBytes?: number
  /** The one being written included. */
  readonly maxLogFiles?: number
  readonly maxFileBytes?: number
}

/** Keeps what containers write past all their limits from filling the card: their logs, and the files that the agent binds into them. */
export type DiskGuard = {
  look(signal: AbortSignal): Promise<void>
  run(signal: AbortSignal): Promise<void>
}

// A container without a limit writes as fast as the card does: what it can write until we look is what it can take.
const askMs = 1000
// Looking at every file each second would cost a board with many pods more than it is worth: room that went away says when to.
const lookMs = 10_000
const goneBytes = 10 * 1024 * 1024
const mebibyte = 1024 * 1024

type Found = { readonly uid: string; readonly file: string }

export function createDiskGuard(deps: DiskGuardDeps): DiskGuard {
  const { cri, instance, paths, clock, log, tell } = deps
  // The longest hosts file is one whose pod object is as large as an object may be, 3.5 MiB.
  const { maxLogBytes = 10 * mebibyte, maxLogFiles = 3, maxFileBytes = 4 * mebibyte } = deps
  const told = new Set<string>()

  const tellOnce = ({ uid, file }: Found, reason: string, message: string) => {
    if (told.has(file)) return
    told.add(file)
    log.warn({ uid, file }, 'a container writes too much outside of its limits')
    tell(uid, reason, message)
  }

  const keepLog = async (found: Found, writers: ReadonlyMap<string, string>, signal: AbortSignal) => {
    const { uid, file } = found
    const writer = writers.get(`${uid}/${file.split('/').slice(-2).join('/')}`)
    // Nobody writes to it any more, so that it can be replaced.
    if (writer === undefined) return cutLog(file, maxLogBytes)
    await rotateLog(file, { maxFiles: maxLogFiles, reopen: () => cri.reopenContainerLog(writer, { signal }) })
    const aside = (await rotatedFiles(file)).at(-1)
    if (aside === undefined || (await sizeOf(aside)) <= 2 * maxLogBytes) return
    await cutLog(aside, maxLogBytes)
    const message = `A log grew faster than ${maxLogBytes / mebibyte}Mi a second, so only its newest part is kept`
    tellOnce(found, 'LogTooFast', message)
  }

  const look = async (signal: AbortSignal) => {
    const files = await filesIn(paths)
    for (const found of files) {
      if (!(await cutTo(found.file, maxFileBytes))) continue
      const name = found.file.slice(paths.pod(found.uid).length + 1)
      const message = `A container wrote more than ${maxFileBytes / mebibyte}Mi into its ${nameOf(name)}: the rest is cut off`
      tellOnce(found, 'FileTooLarge', message)
    }
    const logs = await logsIn(paths)
    const there = new Set([...files, ...logs].map(({ file }) => file))
    for (const file of told) if (!there.has(file)) told.delete(file)
    const large: Found[] = []
    for (const found of logs) if ((await sizeOf(found.file)) > maxLogBytes) large.push(found)
    if (large.length === 0) return
    const writers = await writersOf({ cri, instance, signal })
    for (const found of large)
      // One that cannot be kept (it goes with its pod at this moment, its card has a bad block) does not keep us from the others.
      await keepLog(found, writers, signal).catch((error: unknown) =>
        log.debug({ error, file: found.file }, 'a log could not be kept short'),
      )
  }

  return {
    look,
    async run(signal) {
      let lookAt = -Infinity
      let roomBefore = 0
      for await (const _ of every(askMs, signal)) {
        if (clock.monotonic() < lookAt && (await roomIn(paths)) > roomBefore - goneBytes) continue
        lookAt = clock.monotonic() + lookMs
        await look(signal).catch((error: unknown) => {
          if (!signal.aborted) log.debug({ error }, 'what containers write could not be looked at')
        })
        roomBefore = await roomIn(paths)
      }
    },
  }
}

/** Bytes that are free on the card. */
async function roomIn({ logs }: PodPaths): Promise<number> {
  const room = await statfs(logs).catch(() => undefined)
  return room === undefined ? 0 : room.bavail * room.bsize
}

/** Ids of running containers by what their log is called: `<uid>/<container>/<restart>.log`. */
async function writersOf({ cri, instance, signal }: { cri: Cri; instance: string; signal: AbortSignal }) {
  const containers = await cri.listContainers({ labels: { [instanceLabel]: instance } }, { signal })
  const running = containers.filter(({ state }) => state === 'CONTAINER_RUNNING')
  return new Map(
    running.map(({ id, labels, annotations }) => {
      const log = logPath(labels[containerNameLabel] ?? '', Number(annotations[restartCountAnnotation] ?? 0))
      return [`${labels[podUidLabel] ?? ''}/${log}`, id]
    }),
  )
}

async function logsIn({ logs }: PodPaths): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const pod of await namesIn(logs)) {
    const uid = pod.split('_')[2] ?? ''
    for (const container of await namesIn(join(logs, pod))) {
      const folder = join(logs, pod, container)
      for (const name of await namesIn(folder)) if (/^\d+\.log$/.test(name)) found.push({ uid, file: join(folder, name) })
    }
  }
  return found
}

/** The files of the agent that containers can write: hosts, name servers, last words. */
async function filesIn(paths: PodPaths): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const uid of await namesIn(paths.pods)) {
    found.push({ uid, file: paths.etcHosts(uid) }, { uid, file: paths.resolvConf(uid) })
    for (const container of await namesIn(paths.containers(uid))) {
      const folder = join(paths.containers(uid), container)
      for (const name of await namesIn(folder)) found.push({ uid, file: join(folder, name) })
    }
  }
  return found
}

const nameOf = (file: string) => (file === 'etc-hosts' ? '/etc/hosts' : file === 'resolv.conf' ? '/etc/resolv.conf' : 'termination log')
const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
const sizeOf = async (file: string): Promise<number> => (await lstat(file).catch(() => undefined))?.size ?? 0

/** Cuts a file of ours by what it takes of the disk: one with holes may be as long as it likes. Answers whether it had to. */
async function cutTo(file: string, maxBytes: number): Promise<boolean> {
  const stats = await lstat(file).catch(() => undefined)
  if (stats === undefined || !stats.isFile() || stats.blocks * 512 <= maxBytes) return false
  const handle = await open(file, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined)
  if (handle === undefined) return false
  try {
    await handle.truncate(maxBytes)
    return true
  } finally {
    await handle.close()
  }
}
