import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { targets } from './all-targets.ts'
import type { Message, Work } from './worker.ts'

/** No input may take longer, of the processor's time: other work on the machine is none of its business. */
const longestMs = 1000
/** What a worker may have; a target that needs more is a finding. */
const heapMiB = 256

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: 'a' },
    from: { type: 'string', default: '0' },
    report: { type: 'string' },
  },
})

type Row = {
  readonly name: string
  readonly inputs: number
  readonly seconds: number
  readonly slowest: string
  readonly rss: string
  readonly found: readonly string[]
}

/** One target in a thread of its own, which is ended when one input takes too long. */
function runInWorker(target: string): Promise<Row> {
  // Before the first input the target is only being opened.
  const beats = new Int32Array(new SharedArrayBuffer(4)).fill(-1)
  const work: Work = { target, inputs: Number(values.inputs), seed: values.seed, from: Number(values.from), beats }
  const found: string[] = []
  const started = performance.now()
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./fuzz-worker.mjs', import.meta.url), {
      workerData: work,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    })
    let seen = -1
    let since = cpuMs()
    let rss = 0
    const end = (slowest: string) => {
      clearInterval(watchdog)
      const inputs = Atomics.load(beats, 0) + 1 - work.from
      void worker.terminate()
      resolve({ name: target, inputs, seconds: (performance.now() - started) / 1000, slowest, rss: `${rss} MiB`, found })
    }
    const watchdog = setInterval(() => {
      rss = Math.max(rss, Math.round(process.memoryUsage().rss / 2 ** 20))
      const index = Atomics.load(beats, 0)
      if (index !== seen) {
        seen = index
        since = cpuMs()
      } else if (index >= work.from && cpuMs() - since > longestMs) {
        found.push(`input ${index} of seed ${work.seed} takes longer than ${longestMs} ms`)
        end('-')
      }
    }, 100)
    worker.on('message', (message: Message) => {
      found.push(...message.found)
      end(`${message.slowestMs.toFixed(1)} ms (${message.slowestIndex})`)
    })
    worker.on('error', (error) => {
      found.push(`input ${Atomics.load(beats, 0)} of seed ${work.seed}: ${error.message}`)
      end('-')
    })
  })
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const rows: Row[] = []
for (const { name } of targets.filter((target) => positionals.length === 0 || positionals.includes(target.name))) {
  const row = await runInWorker(name)
  rows.push(row)
  process.stdout.write(`${line(row)}\n`)
  for (const what of row.found) process.stdout.write(`  ${what}\n`)
}
const findings = rows.reduce((sum, { found }) => sum + found.length, 0)
process.stdout.write(`${rows.length} targets, ${findings} findings\n`)
if (values.report !== undefined)
  writeFileSync(
    values.report,
    [
      ...['| target | inputs | seconds | slowest input | RSS of the process, most | findings |', '|---|---|---|---|---|---|'],
      ...rows.map(line),
      '',
    ].join('\n'),
  )
process.exit(findings > 0 ? 1 : 0)

function line({ name, inputs, seconds, slowest, rss, found }: Row): string {
  return `| ${name} | ${inputs} | ${seconds.toFixed(0)} | ${slowest} | ${rss} | ${found.length} |`
}
