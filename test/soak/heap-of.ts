import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Bytes of the main thread's heap that are still in use after a full collection, asked of a running Node process through its own
 * inspector (it opens on SIGUSR1, on the loopback of the process' network namespace; `netns` is that namespace's file).
 */
export async function heapOf(pid: number, netns?: string): Promise<number> {
  const inspect = [process.execPath, 'inspect', '-p', String(pid)]
  const [file = '', ...args] = netns === undefined ? inspect : ['nsenter', `--net=${netns}`, ...inspect]
  const child = spawn(file, args, { stdio: 'pipe' })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.on('error', () => {}) // it may be gone before it was told to go; its words say why
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const until = async (found: () => boolean) => {
    for (let tries = 0; tries < 300 && !found() && child.exitCode === null; tries += 1) await sleep(100)
  }
  await until(() => said.includes('debug>'))
  // Twice, because weak references are let go of by the first and swept by the second.
  child.stdin.write('HeapProfiler.collectGarbage().then(() => HeapProfiler.collectGarbage()).then(() => Runtime.getHeapUsage())\n')
  await until(() => /usedSize: \d+/.test(said))
  child.stdin.write('.exit\n')
  await ended
  const used = /usedSize: (\d+)/.exec(said)?.[1]
  if (used === undefined) throw new Error(`process ${pid} does not tell its heap: ${said}`)
  return Number(used)
}
