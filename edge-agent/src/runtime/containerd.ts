import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { arch } from 'node:process'
import { join } from 'node:path'
import type { Log } from '@bramble/shared/log.ts'
import { isAbort, type Service } from '@bramble/shared/service.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { writeFileAtomic } from '@bramble/shared/atomic-file.ts'
import { type Daemon, findDaemon, startDaemon, stopDaemon } from '../host/daemon.ts'
import { unmountUnder } from '../host/mounts.ts'
import { containerdConfig, type ContainerdPaths } from './containerd-config.ts'
import { containerIds, hasImage, importImage } from './images.ts'
import { ociArchive } from './oci-archive.ts'
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
}

export type Containerd = {
  readonly socket: string
  readonly cniConfDir: string
  /** Adopts the daemon of an earlier life or starts one, and resolves when it answers and has the sandbox image. */
  ensure(signal: AbortSignal): Promise<void>
  /** Starts it again whenever it dies. It is left running when the agent stops: pods outlive the agent. */
  readonly service: Service
  /** Stops the daemon and removes its mounts and running state; images stay. */
  stop(): Promise<void>
}

/** The node's own containerd, beside any other on the machine: own root, state, socket and CNI configuration. */
export function createContainerd({ dir, runDir, cniBinDir, log }: ContainerdOptions): Containerd {
  const paths: ContainerdPaths = {
    root: join(dir, 'root'),
    state: join(runDir, 'state'),
    socket: join(runDir, 'containerd.sock'),
    cniConfDir: join(dir, 'cni'),
    cniBinDir,
  }
  const configFile = join(dir, 'config.toml')
  const daemon: Daemon = {
    pidFile: join(runDir, 'containerd.pid'),
    logFile: join(runDir, 'containerd.log'),
    command: 'containerd',
    args: ['--config', configFile],
  }

  async function ensure(signal: AbortSignal): Promise<void> {
    for (const folder of [paths.root, paths.state, paths.cniConfDir, runDir]) mkdirSync(folder, { recursive: true })
    writeFileAtomic(
      configFile,
      containerdConfig({
        ...paths,
        sandboxImage,
        restrictOomScoreAdj: !hasCapability(capSysResource),
        disableApparmor: !existsSync('/sys/kernel/security/apparmor'),
      }),
    )
    const adopted = findDaemon(daemon)
    if (adopted === undefined) {
      rmSync(paths.socket, { force: true })
      const pid = await startDaemon(daemon)
      log.info({ pid, socket: paths.socket }, 'containerd started')
    } else log.info({ pid: adopted, socket: paths.socket }, 'containerd adopted')
    await answering(signal)
    await ensureSandboxImage()
  }

  /** Waits for the socket to answer; containerd replays its images first, which takes a slow card seconds. */
  async function answering(signal: AbortSignal): Promise<void> {
    const deadline = AbortSignal.timeout(60_000)
    for (;;) {
      if (
        await hasImage(paths.socket, 'none').then(
          () => true,
          () => false,
        )
      )
        return
      if (findDaemon(daemon) === undefined) throw new Error(`containerd ended while starting: ${lastLine(daemon.logFile)}`)
      if (deadline.aborted) throw new Error(`containerd does not answer on ${paths.socket} after 60 s: ${lastLine(daemon.logFile)}`)
      await sleep(50, signal)
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
    service: {
      name: 'containerd',
      async run(signal) {
        const backoff = createBackoff({ firstMs: 500, maxMs: 30_000 })
        // Orphans come from a containerd that died: what runs now may follow one that did.
        let sweeps = orphanSweeps(performance.now())
        while (!signal.aborted) {
          try {
            await sleep(2_000, signal)
            if (findDaemon(daemon) !== undefined) {
              backoff.reset()
              if (performance.now() < (sweeps[0] ?? Infinity)) continue
              sweeps = sweeps.slice(1)
              await clearOrphans()
            } else {
              log.warn({ last: lastLine(daemon.logFile) }, 'containerd is gone, starting it again')
              await sleep(backoff.next(), signal)
              await ensure(signal)
              sweeps = orphanSweeps(performance.now())
            }
          } catch (error) {
            if (isAbort(error, signal)) return
            log.error({ error }, 'containerd cannot be kept running')
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

const lastLine = (file: string): string => {
  if (!existsSync(file)) return 'it left no log'
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) || 'it left no log'
}
