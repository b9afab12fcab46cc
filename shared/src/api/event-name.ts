import { randomBytes } from 'node:crypto'

/**
 * Names for Event objects, as Kubernetes makes them: the object's name and the time. Their order is that of the events, also within
 * one second, which is all that the timestamps of an Event can tell apart; `kubectl describe` lists them so.
 */
export function createEventNames(random = () => randomBytes(4).toString('hex')): (about: string, now: number) => string {
  let last = 0
  return (about, now) => {
    last = Math.max(now, last + 1)
    // A name has 253 characters.
    return `${about.slice(0, 230)}.${Math.floor(last).toString(16)}${random()}`
  }
}
