import { discover } from '@bramble/shared/discover.ts'
import { isFigure, type Row, table } from './figure.ts'

const figures = discover(import.meta.glob('./figures/*.ts', { eager: true }), isFigure)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !figures.some((figure) => figure.name === name))
if (unknown.length > 0) {
  console.error(`no figure is called ${unknown.join(', ')}; there are ${figures.map(({ name }) => name).join(', ')}`)
  process.exit(1)
}

const rows: Row[] = []
for (const { name, measure } of figures.filter((figure) => wanted.length === 0 || wanted.includes(figure.name))) {
  console.log(`measuring ${name} …`)
  const measured = await measure()
  console.log(`${table(measured)}\n`)
  rows.push(...measured)
}
console.log(`all figures\n${table(rows)}`)
process.exit(0)
