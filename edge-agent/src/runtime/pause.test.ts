import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type PauseArchitecture, pauseProgram } from './pause.ts'

const emulators: Readonly<Record<PauseArchitecture, string>> = {
  amd64: 'qemu-x86_64-static',
  arm64: 'qemu-aarch64-static',
  arm: 'qemu-arm-static',
}
const native = { x64: 'amd64', arm64: 'arm64', arm: 'arm' }[process.arch as string]

describe('the pause program', () => {
  for (const architecture of ['amd64', 'arm64', 'arm'] as const) {
    const emulator = architecture === native ? undefined : emulators[architecture]
    const available = emulator === undefined || spawnSync('which', [emulator]).status === 0

    it.skipIf(!available)(
      `sleeps without using the processor on ${architecture}${available ? '' : ` (skipped: ${emulator} is not installed)`}`,
      async () => {
        const file = join(mkdtempSync(join(tmpdir(), 'pause-')), 'pause')
        writeFileSync(file, pauseProgram(architecture))
        chmodSync(file, 0o755)
        const child = emulator === undefined ? spawn(file) : spawn(emulator, [file])
        onTestFinished(() => void child.kill('SIGKILL'))
        const exited = new Promise<string>((resolve) => child.on('exit', (code, signal) => resolve(`code ${code}, signal ${signal}`)))
        await vi.waitFor(() => expect(endsByASignalOnly).toContain(blockedIn(child.pid ?? 0)))
        expect(child.exitCode).toBeNull()
        child.kill('SIGKILL')
        expect(await exited).toBe('code null, signal SIGKILL')
      },
    )
  }
})

/** By their number on this machine: pause, ppoll without descriptors, and sigsuspend, which is how the emulator pauses. */
const endsByASignalOnly = { x64: ['34', '271', '130'], arm64: ['73', '133'], arm: ['29', '336', '179'] }[process.arch as string] ?? []

/** The system call in which the kernel holds the process; undefined when it runs or is gone. */
function blockedIn(pid: number): string | undefined {
  try {
    return /^\d+/.exec(readFileSync(`/proc/${pid}/syscall`, 'utf8'))?.[0]
  } catch {
    return undefined
  }
}
