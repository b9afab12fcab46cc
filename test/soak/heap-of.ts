import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizesOf, type Heap } from './snapshot-sizes.ts'

/** A running Node process; `netns` is the file of its network namespace. */
export type Inspected = { readonly pid: number; readonly netns?: string | undefined }

/** Bytes of the main thread's heap that are still in use after a full collection. */
export async function heapUsedOf(process: Inspected): Promise<number> {
  // Twice, because weak references are let go of by the first and swept by the second.
  const twice = 'HeapProfiler.collectGarbage().then(() => HeapProfiler.collectGarbage()).then(() => Runtime.getHeapUsage())'
  return Number(await ask(process, twice, /usedSize: (\d+)/))
}

/** The same by kind, from a snapshot; for a small heap, as a large one holds the loop until the watchdog of a busy machine ends the process. */
export async function heapOf(process: Inspected): Promise<Heap> {
  const folder = mkdtempSync(join(tmpdir(), 'bramble-heap-'))
  const file = join(folder, 'of.heapsnapshot')
  try {
    await ask(process, `HeapProfiler.collectGarbage().then(() => takeHeapSnapshot(${JSON.stringify(file)}))`, /(Wrote snapshot)/)
    return sizesOf(JSON.parse(readFileSync(file, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the process' own inspector answers; it opens on SIGUSR1, on the loopback of the process' network namespace. */
async function ask({ pid, netns }: Inspected, question: string, answer: RegExp): Promise<string> {
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
  await until(() => said.includes('debug>'))
  child.stdin.write(`${question}\n`)
  await until(() => answer.test(said))
  child.stdin.write('.exit\n')
  await ended
  const told = answer.exec(said)?.[1]
  if (told === undefined) throw new Error(`process ${pid} does not tell its heap: ${said.slice(0, 1000)}`)
  return told
}
