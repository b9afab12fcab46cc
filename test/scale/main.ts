import { writeFileSync } from 'node:fs'
import { type Row, table } from '../bench/figure.ts'
import { bareBroker, bareBrokerWord, bareClients, bareClientsWord } from './bare-broker.ts'
import { fleet, fleetWord } from './fleet.ts'
import { scaleTo } from './figures.ts'
import { lookOn, onlookerWord } from './onlooker.ts'
import { machine, reportOf } from './report.ts'

if (process.argv[2] === fleetWord) fleet()
else if (process.argv[2] === bareBrokerWord) await bareBroker()
else if (process.argv[2] === bareClientsWord) await bareClients()
else if (process.argv[2] === onlookerWord) {
  await lookOn()
  process.exit(0)
} else {
  // `--profile DIR` writes a CPU profile of each hub.
  const args = process.argv.slice(2)
  const at = args.indexOf('--profile')
  const nodeArgs = at < 0 ? [] : ['--cpu-prof', '--cpu-prof-dir', args.splice(at, 2)[1] ?? '.']
  // `--join` measures how a fleet joins and nothing after that.
  const joinAt = args.indexOf('--join')
  if (joinAt >= 0) args.splice(joinAt, 1)
  const ofAll = joinAt < 0 && args.length === 0
  const on = machine()
  const day = new Date().toISOString().slice(0, 10)
  const sizes = args.length === 0 ? [0, 1_000, 5_000] : args.map(Number)
  const all: Row[] = []
  for (const size of sizes) {
    console.log(size === 0 ? 'measuring nodes that are objects only …' : `measuring ${size} simulated agents …`)
    const rows = await scaleTo(size, { nodeArgs, onlyJoin: joinAt >= 0 })
    console.log(`${table(rows)}\n`)
    all.push(...rows)
    // Of the whole run only, and after each size: what is measured is kept whatever comes.
    if (ofAll) writeFileSync(`docs/scale-${day}.md`, reportOf(day, on, all))
  }
  console.log(`all figures\n${table(all)}`)
  process.exit(0)
}
