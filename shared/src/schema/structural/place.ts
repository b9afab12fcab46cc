import type { Pattern } from './pattern.ts'

/** Where in a value a check stands, and what it may still take. */
export type Place = {
  readonly path: string
  readonly patterns: ReadonlyMap<string, Pattern>
  readonly steps: { left: number }
}

export const childPath = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** What Go prints for the path of an error that has none. */
export const noField = '<nil>'

/** More than any honest object takes; the whole hub waits meanwhile. */
export const mostSteps = 1_000_000

export class TooManySteps extends Error {}

export function spend({ steps }: Place, count: number): void {
  steps.left -= count
  if (steps.left < 0) throw new TooManySteps()
}
