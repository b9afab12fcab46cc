import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { AgentConfig } from '../config.ts'
import type { Cri } from '../cri/cri.ts'
import type { RuntimeStatus } from '../node/node-object.ts'
import { createContainerd } from '../runtime/containerd.ts'

/** What runs the containers of this node. */
export type Runtime = {
  readonly socket: string
  readonly cniConfDir: string
  readonly service?: Service
  ensure?(signal: AbortSignal): Promise<void>
  problem?(): string | undefined
  readonly settled?: Promise<void>
  noteImages?(images: readonly { readonly id: string; readonly names: readonly string[] }[]): void
  stop?(): Promise<void>
}

/** The containerd of our own, or the runtime that we were given. */
export function runtimeOf({ criSocket, criCniConfDir, dir, runDir, cniBinDir }: AgentConfig, log: Log): Runtime {
  if (criSocket !== undefined) return { socket: criSocket, cniConfDir: criCniConfDir }
  return createContainerd({
    dir: join(dir, 'containerd'),
    runDir: join(runDir, 'containerd'),
    cniBinDir: foundCniBinDir(cniBinDir === '' ? ['/usr/lib/cni', '/opt/cni/bin'] : [cniBinDir]),
    log,
  })
}

function foundCniBinDir(folders: readonly string[]): string {
  const found = folders.find((folder) => ['ptp', 'host-local', 'loopback'].every((name) => existsSync(join(folder, name))))
  if (found === undefined)
    throw new ConfigError(
      `the CNI plugins are missing (no ptp in ${folders.join(' or ')}): apt install containernetworking-plugins, or give --cni-bin-dir`,
    )
  return found
}

const startsWithinMs = 10_000

/** What the node says of its runtime. */
export async function runtimeStatus(cri: Cri, runtime: Runtime): Promise<RuntimeStatus> {
  // An agent that restarts finds its runtime in a moment, and must not say meanwhile that there is none.
  await Promise.race([runtime.settled, sleep(startsWithinMs)])
  const problem = runtime.problem?.()
  if (problem !== undefined) return { ready: false, message: problem }
  try {
    const [{ runtimeName, runtimeVersion }, conditions] = await Promise.all([cri.version(), cri.status()])
    const failed = conditions.find(({ type, status }) => type === 'RuntimeReady' && !status)
    return {
      ready: failed === undefined,
      version: `${runtimeName}://${runtimeVersion}`,
      ...(failed !== undefined && { message: failed.message }),
    }
  } catch (error) {
    return { ready: false, message: `the container runtime does not answer: ${messageOf(error)}` }
  }
}
