import { cpus, loadavg } from 'node:os'
import type { Row } from '../bench/figure.ts'

/** What the machine was like when the measuring began. */
export const machine = (): string => {
  const [first] = cpus()
  return `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), load ${loadavg()[0]?.toFixed(1)} at the start, Node ${process.versions.node}`
}

/** The report of one run, for docs/. */
export const reportOf = (day: string, on: string, rows: readonly Row[]): string => `# Scale, ${day}

\`npm run scale\` on one machine, hub and simulated agents together: ${on}. Nodes without agents are objects only; a simulated agent has the
agent's own connection, calls, watches and Lease, and in place of containers a word. CPU is that of all threads of the hub's process.

| figure | measured | floor | aim |
|---|---|---|---|
${rows.map(lineOf).join('\n')}
`

const lineOf = ({ figure, value, unit, floor, floorIs = '', aim }: Row): string =>
  `| ${figure.replace(/:\s+/, ': ')} | ${shown(value)} ${unit} | ${floor === undefined ? '' : `${shown(floor)} ${unit} (${floorIs})`} | ${aim} |`

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3))
