import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
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
        const exited = new Promise<string>((resolve) => child.on('exit', (code, signal) => resolve(`code ${code}, signal ${signal}`)))
        await sleeping(child.pid ?? 0)
        child.kill('SIGKILL')
        expect(await exited).toBe('code null, signal SIGKILL')
      },
    )
  }
})

/** Resolves once the kernel reports the process as sleeping in several looks in a row; fails if it is gone. */
async function sleeping(pid: number): Promise<void> {
  for (let calm = 0; calm < 5;) {
    expect(existsSync(`/proc/${pid}/stat`), 'the program ended by itself').toBe(true)
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0]
    expect(state, 'the program died').not.toBe('Z')
    calm = state === 'S' ? calm + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
