import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { arch } from 'node:process'
import { join } from 'node:path'
import type { Log } from '@bramble/shared/logging/log.ts'
import { isAbort, messageOf, type Service } from '@bramble/shared/process/service.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createLatch } from '@bramble/shared/async/latch.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { type Daemon, findDaemon, startDaemon, stopDaemon } from '../host/daemon.ts'
import { unmountUnder } from '../host/mounts.ts'
import { containerdConfig, type ContainerdPaths } from './containerd-config.ts'
import { containerIds, hasImage, importImage } from './images.ts'
import { ociArchive } from './oci-archive.ts'
import { createImageNote, type KnownImage, restoreImages, saveBlobs } from './saved-images.ts'
import { type StartFailure, startFailureOf } from './start-failure.ts'
import { endAllContainers, endOrphanedShims, removeOrphanedNetworks } from './orphans.ts'
import { type PauseArchitecture, pauseProgram } from './pause.ts'

export const sandboxImage = 'bramble.io/pause:1'

export type ContainerdOptions = {
  /** Kept over restarts: images, snapshots, configuration. */
  readonly dir: string
  /** On tmpfs, short (a socket path has 108 bytes): state, socket, log. */
  readonly runDir: string
  readonly cniBinDir: string
  readonly log: Log
  /** Wall time, for the name of what is put aside. */
  readonly now?: () => number
}

export type Containerd = {
  readonly socket: string
  readonly cniConfDir: string
  /** Adopts the daemon of an earlier life or starts one, and resolves when it answers and has the sandbox image. */
  ensure(signal: AbortSignal): Promise<void>
  /**
   * Starts it, and again whenever it dies; begins its records anew when they are damaged. It never fails: `problem` says what is wrong.
   * The daemon is left running when the agent stops: pods outlive the agent.
   */
  readonly service: Service
  /** Why it does not run, in words; undefined while it does. */
  problem(): string | undefined
  /** Resolves once the first start has gone one way or the other. */
  readonly settled: Promise<void>
  /** What images it has, noted so that they survive its records. */
  noteImages(images: readonly KnownImage[]): void
  /** Stops the daemon and removes its mounts and running state; images stay. */
  stop(): Promise<void>
}

/** The node's own containerd, beside any other on the machine: own root, state, socket and CNI configuration. */
export function createContainerd({ dir, runDir, cniBinDir, log, now = Date.now }: ContainerdOptions): Containerd {
  const paths: ContainerdPaths = {
    root: join(dir, 'root'),
    state: join(runDir, 'state'),
    socket: join(runDir, 'containerd.sock'),
    cniConfDir: join(dir, 'cni'),
    cniBinDir,
  }
  // With what is gone after a reboot: it is made anew from the code, and a card that is full or read-only need not hold it.
  const configFile = join(runDir, 'config.toml')
  const daemon: Daemon = {
    pidFile: join(runDir, 'containerd.pid'),
    logFile: join(runDir, 'containerd.log'),
    command: 'containerd',
    args: ['--config', configFile],
  }

  const saved = join(dir, 'saved-images')
  const note = createImageNote(join(dir, 'images.json'))
  let problem: string | undefined = 'containerd is starting'
  const settled = createLatch()

  async function ensure(signal: AbortSignal): Promise<void> {
    for (const folder of [paths.root, paths.state, paths.cniConfDir, runDir]) mkdirSync(folder, { recursive: true })
    const config = containerdConfig({
      ...paths,
      sandboxImage,
      restrictOomScoreAdj: !hasCapability(capSysResource),
      disableApparmor: !existsSync('/sys/kernel/security/apparmor'),
    })
    if (!existsSync(configFile) || readFileSync(configFile, 'utf8') !== config) writeFileAtomic(configFile, config)
    const adopted = findDaemon(daemon)
    if (adopted === undefined) {
      // Without this containerd would begin anew by itself, and clear away every blob that its empty records do not name.
      if (isEmptyFile(recordsOf(paths.root))) throw new StartError({ why: 'its records are empty', isDamage: true })
      rmSync(paths.socket, { force: true })
      const pid = await startDaemon(daemon)
      log.info({ pid, socket: paths.socket }, 'containerd started')
    } else log.info({ pid: adopted, socket: paths.socket }, 'containerd adopted')
    await answering(signal)
    await ensureSandboxImage()
    if (existsSync(saved)) await restoreSaved(signal)
  }

  async function restoreSaved(signal: AbortSignal): Promise<void> {
    try {
      const names = await restoreImages({ socket: paths.socket, saved, images: note.read(), signal })
      log.info({ images: names.length }, 'images of the damaged runtime are back')
    } catch (error) {
      if (signal.aborted) throw error
      if (/no space left on device/i.test(messageOf(error))) {
        // The runtime keeps a copy of its own: what was saved would take its room for ever, and that of what is pulled instead.
        rmSync(saved, { recursive: true, force: true })
        log.warn({ error: messageOf(error) }, 'there is no room to put the images of the damaged runtime back, they are pulled anew')
        return
      }
      log.warn({ error: messageOf(error) }, 'images of the damaged runtime could not be put back, the next start tries again')
    }
  }

  /** Waits for the socket to answer; containerd replays its images first, which takes a slow card seconds. */
  async function answering(signal: AbortSignal): Promise<void> {
    const until = performance.now() + answersWithinMs
    for (;;) {
      const refusal = await hasImage(paths.socket, 'none').then(
        () => undefined,
        (error: unknown) => messageOf(error),
      )
      if (refusal === undefined) return
      if (findDaemon(daemon) === undefined) throw new StartError(startFailureOf(printed(daemon.logFile)))
      // A part that cannot be loaded is left out, and the rest goes on without it: a process that is there and of no use.
      const isHalf = refusal.includes('unknown service')
      if (isHalf || performance.now() > until) {
        await stopDaemon(daemon, 5_000)
        const failure = startFailureOf(printed(daemon.logFile))
        throw new StartError(isHalf ? failure : { ...failure, why: `no answer on ${paths.socket} within 60 s: ${failure.why}` })
      }
      await sleep(50, signal)
    }
  }

  /** Puts damaged records aside and begins anew: what pulls cost is kept, what can be made of it again is not. Pods are made anew. */
  async function rebuild(): Promise<void> {
    await stopDaemon(daemon, 5_000)
    endAllContainers(paths)
    await unmountUnder([paths.state, paths.root])
    saveBlobs(paths.root, saved)
    const records = recordsOf(paths.root)
    // One is kept to be looked at; a card that damages files must not fill up with them.
    for (const file of readdirSync(dir)) if (file.startsWith(asidePrefix)) rmSync(join(dir, file), { force: true })
    const aside = join(dir, `${asidePrefix}${new Date(now()).toISOString().replaceAll(':', '-')}`)
    if (existsSync(records)) renameSync(records, aside)
    rmSync(paths.state, { recursive: true, force: true })
    rmSync(paths.root, { recursive: true, force: true })
    log.warn({ aside }, 'records of containerd are damaged, they are put aside and begun anew; pods are made anew')
  }

  async function beganAnew(): Promise<boolean> {
    try {
      await rebuild()
      return true
    } catch (error) {
      log.error({ error: messageOf(error) }, 'records of containerd are damaged and cannot be begun anew')
      return false
    }
  }

  async function ensureSandboxImage(): Promise<void> {
    if (await hasImage(paths.socket, sandboxImage)) return
    const architecture = ({ x64: 'amd64', arm64: 'arm64', arm: 'arm' } as const)[arch as string] satisfies PauseArchitecture | undefined
    if (architecture === undefined) throw new Error(`no sandbox image for this machine: ${arch} is none of x64, arm64, arm`)
    const archive = ociArchive({
      name: sandboxImage,
      architecture,
      ...(architecture === 'arm' && { variant: 'v7' }),
      files: [{ path: 'pause', mode: 0o755, data: pauseProgram(architecture) }],
      config: { Entrypoint: ['/pause'] },
    })
    const file = join(runDir, 'pause.tar')
    writeFileAtomic(file, archive)
    try {
      await importImage(paths.socket, file)
    } finally {
      rmSync(file, { force: true })
    }
  }

  const unused = new Map<string, number>()
  async function clearOrphans(): Promise<void> {
    const now = performance.now()
    const shims = await endOrphanedShims(paths, () => containerIds(paths.socket))
    const networks = await removeOrphanedNetworks(paths, { unused, now, unusedBefore: now - sandboxMadeWithinMs })
    if (shims.length + networks.length > 0) log.info({ shims, networks }, 'remains of unfinished sandboxes removed')
  }

  return {
    socket: paths.socket,
    cniConfDir: paths.cniConfDir,
    ensure,
    problem: () => problem,
    settled: settled.opened,
    noteImages(images) {
      // Not while images wait to be put back: the runtime does not have them yet.
      if (problem === undefined && !existsSync(saved)) note.write(images)
    },
    service: {
      name: 'containerd',
      async run(signal) {
        const backoff = createBackoff({ firstMs: 500, maxMs: 30_000 })
        // Orphans come from a containerd that died: what runs now may follow one that did.
        let sweeps: readonly number[] = []
        let damagedStarts = 0
        let isUp = false
        while (!signal.aborted) {
          try {
            if (!isUp || findDaemon(daemon) === undefined) {
              if (isUp) log.warn({ last: startFailureOf(printed(daemon.logFile)).why }, 'containerd is gone, starting it again')
              isUp = false
              await ensure(signal)
              isUp = true
              problem = undefined
              settled.open()
              damagedStarts = 0
              sweeps = orphanSweeps(performance.now())
            } else {
              backoff.reset()
              if (performance.now() >= (sweeps[0] ?? Infinity)) {
                sweeps = sweeps.slice(1)
                await clearOrphans()
              }
            }
            await sleep(2_000, signal)
          } catch (error) {
            if (isAbort(error, signal)) return
            const text = isUp ? undefined : `containerd does not start: ${messageOf(error)}`
            if (text === undefined) log.warn({ error }, 'remains of unfinished sandboxes could not be looked for')
            else if (text !== problem) log.error({ error: messageOf(error) }, 'containerd does not start, it is tried again')
            problem = text
            settled.open()
            damagedStarts = error instanceof StartError && error.isDamage ? damagedStarts + 1 : 0
            // Three in a row: one may be a start that was cut short.
            const isAnew = damagedStarts >= 3 && (await beganAnew())
            if (isAnew) damagedStarts = 0
            await sleep(isAnew ? 0 : backoff.next(), signal).catch(() => {})
          }
        }
      },
    },
    async stop() {
      await stopDaemon(daemon, 10_000)
      endAllContainers(paths)
      await unmountUnder([paths.state, paths.root])
      rmSync(runDir, { recursive: true, force: true })
    },
  }
}

// The deadline of making a sandbox, and the time containerd takes to give up then.
const sandboxMadeWithinMs = 5 * 60_000

/** When to look: soon for what is plain, later for what the kubelet had to remove first or that was too young to be told. */
const orphanSweeps = (now: number): readonly number[] => [5_000, 30_000, 2 * 60_000, 6 * 60_000, 12 * 60_000].map((ms) => now + ms)

const capSysResource = 24n

const hasCapability = (bit: bigint): boolean => {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  return effective !== undefined && ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n
}

// containerd replays its images first, which takes a slow card seconds.
const answersWithinMs = 60_000

class StartError extends Error {
  override readonly name = 'StartError'
  readonly isDamage: boolean
  constructor({ why, isDamage }: StartFailure) {
    super(why)
    this.isDamage = isDamage
  }
}

const asidePrefix = 'damaged-meta.db-'
const recordsOf = (root: string) => join(root, 'io.containerd.metadata.v1.bolt', 'meta.db')
const isEmptyFile = (file: string) => existsSync(file) && statSync(file).size === 0

// A panic of containerd prints every goroutine; what tells stands first.
const maxPrintedBytes = 64 * 1024
const printed = (file: string): string => (existsSync(file) ? readFileSync(file).subarray(0, maxPrintedBytes).toString() : '')
