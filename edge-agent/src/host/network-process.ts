import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

export type NetworkProcess = {
  /** A bundle of ours. */
  readonly script: URL
  /** Of Node. */
  readonly flags: readonly string[]
  /** The file of a network namespace. */
  readonly network: string
}

/**
 * Starts a script of ours in another network, as root, and speaks with it over IPC. It has nothing of this process's environment but where programs are, prints nothing
 * but errors, and keeps this process from nothing.
 */
export function startInNetwork({ script, flags, network }: NetworkProcess): ChildProcess {
  const child = spawn('nsenter', [`--net=${network}`, '--', process.execPath, ...flags, fileURLToPath(script)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] },
  })
  child.unref()
  child.channel?.unref()
  ;(child.stderr as Socket | null)?.unref() // a pipe is one
  return child
}
