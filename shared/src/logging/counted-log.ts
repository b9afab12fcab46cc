import type { Clock } from '../clock.ts'
import type { Log, LogFields } from './log.ts'

// As many as a person reads; a flood that varies its words is told of as one.
const maxKeys = 256
const defaultTellMs = 60_000

/**
 * Lines that somebody outside can cause at will: each key is told when it is new and then once a minute, with how often it
 * came meanwhile. However many different keys there are, no more than `maxKeys` lines a minute are written.
 */
export function createCountedLog({
  log,
  clock,
  tellMs = defaultTellMs,
}: {
  readonly log: Log
  readonly clock: Clock
  readonly tellMs?: number
}) {
  const seen = new Map<string, { since: number; count: number }>()

  const roomFor = (key: string, now: number): string => {
    if (seen.has(key) || seen.size < maxKeys) return key
    for (const [old, { since }] of seen) if (now - since >= tellMs) seen.delete(old)
    return seen.size < maxKeys ? key : 'others'
  }

  return {
    warn(wanted: string, fields: LogFields, message: string): void {
      const now = clock.monotonic()
      const key = roomFor(wanted, now)
      const entry = seen.get(key)
      if (entry !== undefined && now - entry.since < tellMs) {
        entry.count += 1
        return
      }
      seen.set(key, { since: now, count: 0 })
      log.warn({ ...fields, ...(entry !== undefined && entry.count > 0 && { repeated: entry.count }) }, message)
    },
  }
}

export type CountedLog = ReturnType<typeof createCountedLog>
