import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

export type Terminal = {
  /** All that the screen has shown so far. */
  readonly shown: () => string
  type(words: string): void
  /** As somebody who drags the corner of its window: the kernel tells whoever is in the foreground. */
  resize(rows: number, columns: number): void
  /** The exit code. */
  readonly ended: Promise<number>
  close(): void
}

/** Runs a command line in a terminal of its own, of a size; `script` of util-linux gives it one. */
export function openTerminal(
  line: string,
  { rows, columns, env }: { rows: number; columns: number; env: Record<string, string> },
): Terminal {
  const child: ChildProcess = spawn('script', ['-qec', `tty; stty rows ${rows} cols ${columns}; exec ${line}`, '/dev/null'], {
    env: { ...process.env, SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  child.stdout?.on('data', (bytes: Buffer) => (screen += bytes.toString()))
  child.stdin?.on('error', () => {}) // it has ended
  return {
    shown: () => screen,
    type: (words) => void child.stdin?.write(words),
    resize(wantedRows, wantedColumns) {
      const [device] = /\/dev\/pts\/\d+/.exec(screen) ?? []
      if (device === undefined) throw new Error(`no terminal yet: ${screen}`)
      execFileSync('stty', ['-F', device, 'rows', String(wantedRows), 'cols', String(wantedColumns)])
    },
    ended: once(child, 'close').then(([code]) => Number(code)),
    close: () => void child.kill('SIGKILL'),
  }
}
