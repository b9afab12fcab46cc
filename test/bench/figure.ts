import { marked } from '@bramble/shared/discover.ts'

/** One measured number beside the least it could be on this machine in this run. */
export type Row = {
  readonly figure: string
  readonly value: number
  readonly unit: string
  readonly floor?: number
  readonly floorIs?: string
  readonly aim: string
}

/** A file in `figures/`: measures some rows; brings up what it needs and takes it down. */
export type Figure = { readonly isFigure: true; readonly name: string; measure(): Promise<readonly Row[]> }

export const defineFigure = (name: string, measure: () => Promise<readonly Row[]>): Figure => ({ isFigure: true, name, measure })

export const isFigure = marked<Figure>('isFigure')

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

export function table(rows: readonly Row[]): string {
  const round = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3))
  const cells = rows.map(({ figure, value, unit, floor, floorIs = '', aim }) => [
    figure,
    `${round(value)} ${unit}`,
    floor === undefined ? '' : `${round(floor)} ${unit}`,
    floor === undefined ? '' : `× ${(value / floor).toFixed(2)}`,
    floorIs,
    aim,
  ])
  const all = [['figure', 'measured', 'floor', 'ratio', 'the floor is', 'aim'], ...cells]
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}
