import { spawn } from 'node:child_process'
import { createDeadline } from '@bramble/shared/async/deadline.ts'

export type ExecResult = { readonly code: number; readonly stdout: string; readonly stderr: string }
export type ExecOptions = {
  readonly input?: string
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly cwd?: string
  /** For a command that prints what nobody reads, and maybe much of it. */
  readonly ignoresStdout?: boolean
}

// A command of ours answers in kilobytes; what prints more is broken, and must not take the board's memory.
const maxOutputBytes = 8 * 1024 * 1024

/**
 * Runs a command to its end and answers its output, all of it: who prints more than can be held is killed, as half an answer would be read
 * for a whole one. A missing command, a timeout or too much output throws, an exit code does not.
 */
export function exec(
  command: string,
  args: readonly string[],
  { input, signal, timeoutMs = 30_000, cwd, ignoresStdout = false }: ExecOptions = {},
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const deadline = createDeadline(timeoutMs, signal)
    const child = spawn(command, args, {
      cwd,
      stdio: ['pipe', ignoresStdout ? 'ignore' : 'pipe', 'pipe'],
      signal: deadline.signal,
      killSignal: 'SIGKILL',
      detached: true, // a signal to our group is for us to answer: it must not end a command of our own teardown
    })
    const out = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        out.bytes += chunk.length
        if (out.bytes <= maxOutputBytes) return void out[name].push(chunk)
        child.kill('SIGKILL')
        // Whoever it started may hold the other end, and would print on.
        for (const stream of [child.stdout, child.stderr]) stream?.destroy()
      })
    }
    // A command that cannot be started has no end, only an error; one that was killed has both.
    child.on('error', (cause) => {
      deadline[Symbol.dispose]()
      reject(deadline.hasPassed ? new Error(`${command} ${args.join(' ')} did not end within ${timeoutMs} ms`, { cause }) : cause)
    })
    child.on('close', (code) => {
      deadline[Symbol.dispose]()
      if (out.bytes > maxOutputBytes)
        return reject(new Error(`${command} ${args.join(' ')} printed more than ${maxOutputBytes / 1024 / 1024} MiB and was ended`))
      resolve({ code: code ?? -1, stdout: Buffer.concat(out.stdout).toString(), stderr: Buffer.concat(out.stderr).toString() })
    })
    child.stdin?.on('error', () => {}) // the child may exit without reading; its exit code tells
    child.stdin?.end(input ?? '')
  })
}

/** `exec` for a command that must succeed: answers stdout, throws with the command and its stderr. */
export async function execOk(command: string, args: readonly string[], options?: ExecOptions): Promise<string> {
  const { code, stdout, stderr } = await exec(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}: ${(stderr || stdout).trim()}`)
  return stdout
}
