import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

/** Prints how large the young generation is after much was kept for a while: at first, with a thread more, and with so many nodes. */
const program = `
  import { getHeapSpaceStatistics } from 'node:v8'
  import { Worker } from 'node:worker_threads'
  const ofThread = "require('node:v8').getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size"
  import { heldSmall } from './young-generation.ts'
  const young = heldSmall()
  const sizes = []
  const look = () => {
    let kept = []
    for (let index = 0; index < 600_000; index++) {
      kept.push({ index, pair: [index, index] })
      if (kept.length > 30_000) kept = kept.slice(15_000)
    }
    sizes.push(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size)
  }
  const withNodes = async (nodes) => {
    const over = new AbortController()
    const running = young.growingWith(() => nodes).run(over.signal)
    await new Promise((resolve) => setImmediate(resolve))
    look()
    over.abort()
    return running
  }
  look()
  const worker = new Worker("require('node:worker_threads').parentPort.postMessage(" + ofThread + ")", { eval: true })
  const said = new Promise((resolve) => worker.once('message', resolve))
  worker.once('online', async () => {
    look()
    await withNodes(127)
    await withNodes(128)
    sizes.push(await said)
    console.log(JSON.stringify(sizes))
  })
`

it('the young generation stays small, whatever threads start, until there is a fleet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'young-'))
  try {
    const outfile = join(folder, 'program.mjs')
    const resolveDir = new URL('.', import.meta.url).pathname
    await build({ stdin: { contents: program, resolveDir, loader: 'ts' }, outfile, bundle: true, platform: 'node', format: 'esm' })
    const flags =
      readFileSync(new URL('../../bin/bramble', import.meta.url), 'utf8').match(/--(?:min|max)-semi-space-size=\d+(?=.*hub\.mjs)/g) ?? []
    const [first, withThread, withFew, withFleet, ofThread] = JSON.parse(
      execFileSync(process.execPath, [...flags, outfile], { encoding: 'utf8' }),
    ) as number[]
    const mebi = 1024 * 1024
    // V8 makes it smaller when it likes, and may double it once between the start of a thread and our hearing of it.
    for (const bytes of [first, withThread, withFew]) expect((bytes ?? Infinity) / mebi).toBeLessThanOrEqual(8)
    expect((withFleet ?? 0) / mebi).toBeGreaterThan(8)
    // Another thread begins as V8 has it.
    expect((ofThread ?? Infinity) / mebi).toBeLessThan(4)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
