import { limits } from './limits.ts'

/** What the check of one object may still take. Every keyword pays before it looks, in proportion to what it looks at. */
export type Work = {
  left: number
  /** How many values were looked at, by which the alternative that came furthest is known. */
  looks: number
}

export const newWork = (): Work => ({ left: limits.steps, looks: 0 })

export class TooMuchWork extends Error {}

export function pay(work: Work, steps: number): void {
  work.left -= steps
  if (work.left < 0) throw new TooMuchWork()
}

/** A text that is read from its beginning to its end, by code that does little with each character. */
export const textSteps = (text: string): number => 1 + text.length / 32

/** For a value that is looked at as a whole, several times over (to be written, sorted, compared): how large it is, is found on the way. */
export function payForWhole(work: Work, value: unknown): void {
  if (typeof value === 'string') return pay(work, wholeSteps + textSteps(value))
  pay(work, wholeSteps)
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value) payForWhole(work, item)
    return
  }
  for (const [name, member] of Object.entries(value)) {
    pay(work, textSteps(name))
    payForWhole(work, member)
  }
}

const wholeSteps = 5
