import { type ChildProcess, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStopRequests } from './stop-signals.ts'

describe('requests to stop', () => {
  it('a second signal within the first seconds is the same signal; one after that ends the process at once', () => {
    let ms = 1000
    const ends: string[] = []
    const { signal, onSignal } = createStopRequests({ monotonic: () => ms, end: (name) => ends.push(name) })
    onSignal('SIGTERM')
    expect(signal.aborted).toBe(true)
    ms += 2_999
    onSignal('SIGTERM')
    onSignal('SIGTERM')
    expect(ends).toEqual([])
    ms += 1
    onSignal('SIGINT')
    expect(ends).toEqual(['SIGINT'])
  })
})

describe('a real process that takes its things down when it is asked to stop', () => {
  let dir: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bramble-stop-'))
    buildSync({
      entryPoints: [new URL('stop-signals.ts', import.meta.url).pathname],
      outfile: join(dir, 'stop-signals.mjs'),
      format: 'esm',
    })
    // Tells each signal that it has handled; closes when its input ends or, without one, at once.
    writeFileSync(
      join(dir, 'main.mjs'),
      `import { writeFileSync } from 'node:fs'
       import { stopOnSignals } from './stop-signals.mjs'
       const [, , closed, closesAtOnce] = process.argv
       const stop = stopOnSignals()
       const open = setInterval(() => {}, 60_000)
       const close = () => {
         process.stdout.write('closing\\n')
         process.stderr.write('closing\\n')
         setImmediate(() => {
           writeFileSync(closed, String(stop.aborted))
           clearInterval(open)
           process.exit(0)
         })
       }
       for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.stdout.write('signal\\n'))
       if (closesAtOnce) stop.addEventListener('abort', close)
       else process.stdin.on('end', close).resume()
       process.stdout.write('up\\n')`,
    )
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const hears = async (child: ChildProcess, word: string) => {
    for await (const [chunk] of on(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')) if (String(chunk).includes(word)) return
  }
  const appears = async (file: string) => {
    const seen = watch(dir)
    while (!existsSync(file)) await once(seen, 'change')
    seen.close()
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s to the group, and once more by a parent, closes everything', async (name) => {
    const closed = join(dir, `closed-${name}`)
    const child = spawn(process.execPath, [join(dir, 'main.mjs'), closed], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    await hears(child, 'up')
    const pid = child.pid ?? 0
    process.kill(-pid, name)
    await hears(child, 'signal')
    process.kill(pid, name)
    await hears(child, 'signal')
    const exited = once(child, 'exit')
    child.stdin.end()
    expect(await exited).toEqual([0, null])
    expect(readFileSync(closed, 'utf8')).toBe('true')
  })

  it('a log that cannot be written, as on a full disk, ends nobody', async () => {
    const closed = join(dir, 'closed-full')
    const full = openSync('/dev/full', 'w') // answers every write with ENOSPC
    const child = spawn(process.execPath, [join(dir, 'main.mjs'), closed], { detached: true, stdio: ['pipe', full, full] })
    closeSync(full)
    const exited = once(child, 'exit')
    child.stdin?.end()
    expect(await exited).toEqual([0, null])
    expect(existsSync(closed)).toBe(true)
  })

  it('a closed terminal closes everything, although nothing can be written any more', async () => {
    const closed = join(dir, 'closed-terminal')
    const words = [process.execPath, join(dir, 'main.mjs'), closed, 'at-once'].join(' ')
    const terminal = spawn('script', ['-qec', words, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] })
    await hears(terminal, 'up')
    terminal.kill('SIGKILL')
    await appears(closed)
    expect(existsSync(closed)).toBe(true)
  })
})
