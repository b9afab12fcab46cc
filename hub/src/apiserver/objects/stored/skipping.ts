import type { Log } from '@bramble/shared/logging/log.ts'
import type { Entry } from '../../../store/store.ts'

/**
 * Reads stored objects for those who must know all of them before the hub can start. One that cannot be understood (an older hub
 * wrote it, or a damaged one) costs itself: it is left out, told once, and the rest goes on.
 */
export const createSkipping = (log: Log) => {
  const told = new Set<string>()
  return (entry: Entry, read: () => void): void => {
    try {
      read()
    } catch (error) {
      if (told.has(entry.key)) return
      told.add(entry.key)
      log.warn({ key: entry.key, error }, 'a stored object is not understood and left out')
    }
  }
}
