import { writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { cutPower } from './power-cuts.ts'
import { recordLife, type Role } from './record-life.ts'

/** 1,000 power cuts, or as many as are asked for: prints what came of them, and keeps it in docs/. */
const wanted = Number(process.argv[2] ?? 1000)
const livesOfEach = 5
const roles: readonly Role[] = ['hub', 'agent']
const cuts = Math.ceil(wanted / roles.length / livesOfEach)

const rows: string[] = []
const failures: string[] = []
const startedAt = performance.now()
for (const role of roles) {
  for (let seed = 1; seed <= livesOfEach; seed++) {
    const operations = await recordLife(role, seed)
    const syncs = operations.filter(({ kind }) => kind === 'sync').length
    const result = await cutPower(role, operations, { cuts, seed })
    rows.push(`| ${role} | ${seed} | ${operations.length} | ${syncs} | ${result.cuts} | ${result.failures.length} |`)
    failures.push(...result.failures.map(({ at, why }) => `- ${role}, life ${seed}, after operation ${at}: ${why}`))
    process.stdout.write(`${rows.at(-1)}\n`)
  }
}

const day = new Date().toISOString().slice(0, 10)
const report = `# Power cuts, ${day}

The files of a hub and of an agent on a disk that forgets what was not synced: at each cut later writes are there or not, each sector of
512 or 4096 bytes for itself, and names change up to some point that nobody synced. Then hub or agent starts on what is left. A failure is
a start that does not succeed by itself, or anything acknowledged that is lost or torn. Made by \`npm run power-cuts\`.

| what | life | operations | syncs | cuts | failures |
|---|---|---|---|---|---|
${rows.join('\n')}

${rows.length * cuts} cuts, ${failures.length} failures, ${Math.round((performance.now() - startedAt) / 1000)} s.
${failures.length === 0 ? '' : `\n${failures.join('\n')}\n`}`
writeFileSync(`docs/power-cuts-${day}.md`, report)
process.stdout.write(`\n${report.split('\n').slice(-3).join('\n')}`)
process.exitCode = failures.length === 0 ? 0 : 1
