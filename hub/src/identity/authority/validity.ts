import { earliestClock, leafLifeMs, yearMs } from '@bramble/shared/identity/certificate-life.ts'
import type { Validity } from './signer.ts'

/** Everything of ours is valid from before any hub: whatever was dated by a clock that ran ahead works when that is set right, and by clocks that are behind. */
const from = earliestClock - yearMs

/** By such a clock nobody can tell what is past and what is yet to come. */
export const saysNothing = (now: number): boolean => now < earliestClock

/** Two years. Under a clock that is known to be wrong it is ten years: nobody knows which have passed. */
export const leafValidity = (now: number): Validity => between(from, now < earliestClock ? earliestClock + 10 * yearMs : now + leafLifeMs)

/** As long as was asked for, a year at most; under a clock that is known to be wrong as long as any other. */
export const requestedValidity = (now: number, seconds = yearMs / 1000): Validity =>
  now < earliestClock ? leafValidity(now) : between(from, now + Math.min(seconds * 1000, yearMs))

/** A CA outlives the boards. */
export const rootValidity = (now: number): Validity => between(from, Math.max(now, earliestClock) + 20 * yearMs)

/** Certificates know whole seconds only. */
const between = (start: number, end: number): Validity => ({
  notBefore: new Date(wholeSecond(start)),
  notAfter: new Date(wholeSecond(end)),
})

const wholeSecond = (ms: number) => Math.floor(ms / 1000) * 1000
