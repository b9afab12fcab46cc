import { spawn } from 'node:child_process'
import { createDeadline } from '@bramble/shared/async/deadline.ts'

export type ExecResult = { readonly code: number; readonly stdout: string; readonly stderr: string }
export type ExecOptions = { readonly input?: string; readonly signal?: AbortSignal; readonly timeoutMs?: number; readonly cwd?: string }

// A command of ours answers in kilobytes; what prints more is broken, and must not take the board's memory.
const maxOutputBytes = 8 * 1024 * 1024

/** Runs a command to its end and answers its output; a missing command or a timeout throws, an exit code does not. */
export function exec(
  command: string,
  args: readonly string[],
  { input, signal, timeoutMs = 30_000, cwd }: ExecOptions = {},
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const deadline = createDeadline(timeoutMs, signal)
    const child = spawn(command, args, {
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: deadline.signal,
      killSignal: 'SIGKILL',
      detached: true, // a signal to our group is for us to answer: it must not end a command of our own teardown
    })
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        out.bytes += chunk.length
        if (out.bytes <= maxOutputBytes) out[name].push(chunk)
      })
    }
    // A command that cannot be started has no end, only an error; one that was killed has both.
    child.on('error', (cause) => {
      deadline[Symbol.dispose]()
      reject(deadline.hasPassed ? new Error(`${command} ${args.join(' ')} did not end within ${timeoutMs} ms`, { cause }) : cause)
    })
    child.on('close', (code) => {
      deadline[Symbol.dispose]()
      resolve({ code: code ?? -1, stdout: Buffer.concat(out.stdout).toString(), stderr: Buffer.concat(out.stderr).toString() })
    })
    child.stdin.on('error', () => {}) // the child may exit without reading; its exit code tells
    child.stdin.end(input ?? '')
  })
}

/** `exec` for a command that must succeed: answers stdout, throws with the command and its stderr. */
export async function execOk(command: string, args: readonly string[], options?: ExecOptions): Promise<string> {
  const { code, stdout, stderr } = await exec(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}: ${(stderr || stdout).trim()}`)
  return stdout
}
