import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

let built = ''
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'bramble-watchdog-'))
  await build({
    entryPoints: ['watchdog.ts', 'watchdog-worker.ts'].map((file) => new URL(file, import.meta.url).pathname),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
  })
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

async function run(program: string, lookMs = 40) {
  const file = join(built, 'main.mjs')
  writeFileSync(
    file,
    `import { startWatchdog } from './watchdog.mjs'
     startWatchdog({ worker: new URL('./watchdog-worker.mjs', import.meta.url), lookMs: ${lookMs}, onFailed: (error) => console.error(error) })
     ${program}`,
  )
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(child, 'exit')
  const stderr = await text(child.stderr)
  const [code, signal] = await exit
  return { code, signal, stderr }
}

test('a process whose loop stands still is ended, with the stack of what holds it', async () => {
  const { signal, stderr } = await run(`
    async function feedsItself() { for (;;) await Promise.resolve() }
    setInterval(() => {}, 60_000) // the watchdog keeps none alive
    process.once('worker', (watchdog) => watchdog.once('online', feedsItself))`)
  expect(signal).toBe('SIGKILL')
  const { level, message, stack } = JSON.parse(stderr)
  expect({ level, message }).toEqual({ level: 'error', message: 'the event loop stood still, ending' })
  expect(stack).toContain('at feedsItself (file://')
})

test.each([
  ['nobody reads its log any more', 'destroy'],
  ['its log is full and nobody reads on', 'pause'],
] as const)('it is ended as well when %s', async (_, how) => {
  writeFileSync(
    join(built, 'unheard.mjs'),
    `import { startWatchdog } from './watchdog.mjs'
     startWatchdog({ worker: new URL('./watchdog-worker.mjs', import.meta.url), lookMs: 40, onFailed: () => {} })
     process.stderr.on('error', () => {})
     process.stdout.write('up')
     process.stdin.once('end', () => {
       process.stderr.write('x'.repeat(1_000_000))
       for (;;);
     }).resume()`,
  )
  const child = spawn(process.execPath, [join(built, 'unheard.mjs')], { stdio: ['pipe', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  await once(child.stdout, 'data')
  child.stderr[how]()
  child.stdin.end()
  expect(await exit).toEqual([null, 'SIGKILL'])
  child.stderr.destroy()
})

test('a process that works hard and lets others go first is left alone, and the watchdog keeps none alive', async () => {
  // It works for longer than a stuck one would live, in pieces longer than a look.
  const lookMs = 300
  const { code, stderr } = await run(
    `let left = 6
    const work = () => {
      const until = performance.now() + ${lookMs} * 1.2
      while (performance.now() < until);
      if (--left > 0) setImmediate(work)
    }
    work()`,
    lookMs,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})
