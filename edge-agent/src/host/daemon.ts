import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'

/** A process that outlives the one that started it; found again by its pid file. */
export type Daemon = {
  readonly pidFile: string
  readonly logFile: string
  readonly command: string
  readonly args: readonly string[]
  /** Beside what it inherits: what is secret goes here and not into `args`. */
  readonly env?: Readonly<Record<string, string>>
}

/** The pid of the running daemon, if the pid file names a process that is still the same one (a pid alone may have been given away again). */
export function findDaemon({ pidFile }: Daemon): number | undefined {
  if (!existsSync(pidFile)) return undefined
  const [pid, startTime] = readFileSync(pidFile, 'utf8').trim().split(' ')
  return startTime !== undefined && startTimeOf(Number(pid)) === startTime ? Number(pid) : undefined
}

/** Starts it in its own session, with its output in the log file (begun anew), and answers the pid. */
export async function startDaemon({ pidFile, logFile, command, args, env }: Daemon): Promise<number> {
  mkdirSync(dirname(logFile), { recursive: true })
  const output = openSync(logFile, 'w')
  try {
    const child = withUsualUmask(() =>
      spawn(command, args, { detached: true, stdio: ['ignore', output, output], ...(env && { env: { ...process.env, ...env } }) }),
    )
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    const pid = child.pid as number // set once 'spawn' has fired
    writeFileAtomic(pidFile, `${pid} ${startTimeOf(pid)}\n`)
    child.unref()
    return pid
  } finally {
    closeSync(output)
  }
}

/** What a runtime makes is for the users of containers too: the umask of a hardened service would lock them out of their own root folder. */
function withUsualUmask<T>(start: () => T): T {
  const before = process.umask(0o022)
  try {
    return start()
  } finally {
    process.umask(before)
  }
}

/** SIGTERM, then SIGKILL after `graceMs`; returns when it is gone. */
export async function stopDaemon(daemon: Daemon, graceMs: number): Promise<void> {
  const killAt = performance.now() + graceMs
  for (let sent = false, pid = findDaemon(daemon); pid !== undefined; pid = findDaemon(daemon)) {
    if (!sent) process.kill(pid, 'SIGTERM')
    else if (performance.now() > killAt) process.kill(pid, 'SIGKILL')
    sent = true
    await sleep(25)
  }
  rmSync(daemon.pidFile, { force: true })
}

/** Field 22 of /proc/<pid>/stat: ticks since boot at which the process started; undefined for none and for a zombie. */
function startTimeOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined // no such process
  }
}
