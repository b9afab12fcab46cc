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
  built = mkdtempSync(join(tmpdir(), 'bramble-overdue-'))
  await build({
    entryPoints: ['overdue.ts', 'stop-signals.ts'].map((file) => new URL(file, import.meta.url).pathname),
    outdir: built,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
  })
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

async function start(name: string, program: string) {
  const file = join(built, `${name}.mjs`)
  writeFileSync(
    file,
    `import { endOverdue } from './overdue.mjs'
     import { ignoreNoSignal, stopOnSignals } from './stop-signals.mjs'
     import { Worker } from 'node:worker_threads'
     ${program}`,
  )
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const stderr = text(child.stderr)
  await once(child.stdout, 'data')
  return { child, exit, stderr }
}

test('a process that waits for what never comes is ended when its time to stop is over, and says so', async () => {
  const { child, exit, stderr } = await start(
    'waits',
    `endOverdue(stopOnSignals(), 50)
     setInterval(() => {}, 60_000)
     process.stdout.write('up')`,
  )
  child.kill('SIGTERM')
  expect(await exit).toEqual([null, 'SIGKILL'])
  expect(JSON.parse(await stderr)).toMatchObject({
    level: 'error',
    message: 'not everything could be closed in time, ending',
    withinMs: 50,
    open: { Timeout: expect.any(Number) as number },
  })
})

// A thread that waits in the kernel: as for a disk that does not answer.
const heldThread = `
  import { execFileSync } from 'node:child_process'
  const pipe = new URL('./pipe-' + process.pid, import.meta.url).pathname
  execFileSync('mkfifo', [pipe])
  new Worker('require("node:fs").openSync(' + JSON.stringify(pipe) + ')', { eval: true })
  const isHeld = () => execFileSync('sh', ['-c', 'cat /proc/' + process.pid + '/task/*/wchan'], { encoding: 'utf8' }).includes('wait_for_partner')
  const looking = setInterval(() => {
    if (!isHeld()) return
    clearInterval(looking)
    process.stdout.write('up')
  }, 20)`

test('a thread that a disk holds keeps no process that is overdue', async () => {
  const { child, exit } = await start('held', `${heldThread}\nendOverdue(stopOnSignals(), 50)`)
  child.kill('SIGTERM')
  expect(await exit).toEqual([null, 'SIGKILL'])
})

test('nor one that has closed everything and is asked once more', async () => {
  const { child, exit } = await start(
    'held-and-closed',
    `${heldThread}
     stopOnSignals().addEventListener('abort', () => {
       ignoreNoSignal()
       process.stdout.write('closed', () => process.exit(0))
     })`,
  )
  child.kill('SIGTERM')
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await exit).toEqual([null, 'SIGTERM'])
})
