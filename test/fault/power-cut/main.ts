import { writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { cutPower, type StartAgain } from './power-cuts.ts'
import { buildProduct } from './product.ts'
import { recordLife } from './record-life.ts'
import type { Operation } from './recording.ts'
import { startAgain } from './start-again.ts'
import { recordAgentProcess, startAgentAgain, startAgentBed } from './whole-agent.ts'
import { recordHubProcess, startHubAgain } from './whole-hub.ts'

/** 1,000 power cuts, or as many as are asked for: prints what came of them, and keeps it in docs/. */
const wanted = Number(process.argv[2] ?? 1000)
using product = buildProduct()
await using bed = await startAgentBed(product)
type Part = {
  readonly name: string
  readonly lives: number
  readonly cuts: number
  record(seed: number): Promise<readonly Operation[]>
  readonly startAgain: StartAgain
}
const ofFiles = (name: 'hub' | 'agent'): Part => ({
  name: `files of the ${name}`,
  lives: 5,
  cuts: Math.ceil(wanted / 2 / 5),
  record: (seed) => recordLife(name, seed),
  startAgain: startAgain[name],
})
/** Each start takes a second or two: some of what is asked for, and no less than show something. */
const cutsOfWhole = Math.max(4, Math.ceil(wanted / 50))
const parts: readonly Part[] = [
  ofFiles('hub'),
  ofFiles('agent'),
  {
    name: 'hub as shipped',
    lives: 2,
    cuts: cutsOfWhole,
    record: (seed) => recordHubProcess(product, seed),
    startAgain: (home, expected) => startHubAgain(product, home, expected),
  },
  {
    name: 'agent as shipped',
    lives: 1, // one board joins once
    cuts: cutsOfWhole,
    record: (seed) => recordAgentProcess(bed, product, seed),
    startAgain: (home, expected) => startAgentAgain(bed, home, expected),
  },
]

const rows: string[] = []
const failures: string[] = []
let cutsDone = 0
const startedAt = performance.now()
for (const { name, lives, cuts, record, startAgain } of parts) {
  for (let seed = 1; seed <= lives; seed++) {
    const operations = await record(seed)
    const syncs = operations.filter(({ kind }) => kind === 'sync').length
    const result = await cutPower({ operations, startAgain, cuts, seed })
    cutsDone += result.cuts
    rows.push(`| ${name} | ${seed} | ${operations.length} | ${syncs} | ${result.cuts} | ${result.failures.length} |`)
    failures.push(...result.failures.map(({ at, why }) => `- ${name}, life ${seed}, after operation ${at}: ${why}`))
    process.stdout.write(`${rows.at(-1)}\n`)
  }
}

const day = new Date().toISOString().slice(0, 10)
const report = `# Power cuts, ${day}

The files of a hub and of an agent on a disk that forgets what was not synced: at each cut later writes are there or not, each sector of
512 or 4096 bytes for itself, and names change up to some point that nobody synced. Then hub or agent starts on what is left: the code that
keeps the files, and the whole process as it is shipped, which is asked over its API. A failure is a start that does not succeed by itself,
or anything acknowledged that is lost or torn. Made by \`npm run power-cuts\`.

| what | life | operations | syncs | cuts | failures |
|---|---|---|---|---|---|
${rows.join('\n')}

${cutsDone} cuts, ${failures.length} failures, ${Math.round((performance.now() - startedAt) / 1000)} s.
${failures.length === 0 ? '' : `\n${failures.join('\n')}\n`}`
writeFileSync(`docs/power-cuts-${day}.md`, report)
process.stdout.write(`\n${report.split('\n').slice(-3).join('\n')}`)
process.exitCode = failures.length === 0 ? 0 : 1
