import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizesOf, type Heap } from './snapshot-sizes.ts'

/**
 * What the main thread of a running Node process still holds after a full collection, by its own snapshot, asked of its inspector (it
 * opens on SIGUSR1, on the loopback of the process' network namespace; `netns` is that namespace's file).
 */
export async function heapOf(pid: number, netns?: string): Promise<Heap> {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-heap-'))
  const snapshot = join(folder, 'of.heapsnapshot')
  const inspect = [process.execPath, 'inspect', '-p', String(pid)]
  const [file = '', ...args] = netns === undefined ? inspect : ['nsenter', `--net=${netns}`, ...inspect]
  const child = spawn(file, args, { stdio: 'pipe' })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.on('error', () => {}) // it may be gone before it was told to go; its words say why
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const until = async (found: () => boolean) => {
    for (let tries = 0; tries < 600 && !found() && child.exitCode === null; tries += 1) await sleep(100)
  }
  try {
    await until(() => said.includes('debug>'))
    // Collected before, because weak references are let go of by the first collection and swept by the snapshot's own.
    child.stdin.write(`HeapProfiler.collectGarbage().then(() => takeHeapSnapshot(${JSON.stringify(snapshot)}))\n`)
    await until(() => said.includes('Wrote snapshot'))
    child.stdin.write('.exit\n')
    await ended
    if (!said.includes('Wrote snapshot')) throw new Error(`process ${pid} does not tell its heap: ${said}`)
    return sizesOf(JSON.parse(readFileSync(snapshot, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
