import { existsSync, readFileSync } from 'node:fs'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { yearMs } from '@bramble/shared/identity/certificate-life.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'

const dayMs = 24 * 3600 * 1000

export type HubTimeDeps = { readonly file: string; readonly clock: Clock; readonly log: Log }

/** What a node knows of the time besides its own clock: what its hub told it last, in this life or an earlier one. */
export type HubTime = {
  heard(hubTime: number): void
  /** What was last heard, counted on; undefined before it was heard in this life. */
  now(): number | undefined
  /**
   * Whether something ended by then. By this node's own clock; and when that cannot be right (before what the hub said last, or years
   * beyond it), by what the hub said last as well: a clock that woke up in another decade locks no board out.
   */
  isOver(notAfter: number): boolean
}

/** Written at most daily: a card is not a clock, and what is asked of it is the year. */
export function createHubTime({ file, clock, log }: HubTimeDeps): HubTime {
  let saved = read(file)
  let last: { readonly at: number; readonly mono: number } | undefined

  const now = () => last && last.at + (clock.monotonic() - last.mono)
  return {
    now,
    heard(at) {
      last = { at, mono: clock.monotonic() }
      if (saved !== undefined && Math.abs(at - saved) < dayMs) return
      try {
        writeFileAtomic(file, `${new Date(at).toISOString()}\n`)
        saved = at
      } catch (error) {
        log.debug({ file, error: messageOf(error) }, 'the time of the hub could not be kept') // a full card: an older one does as well
      }
    },
    isOver(notAfter) {
      const own = clock.now()
      if (notAfter >= own) return false
      const known = now() ?? saved
      const isOwnRight = known === undefined || (own >= known && own <= known + yearMs)
      return isOwnRight || notAfter < known
    },
  }
}

/** A note that nobody can read says nothing. */
function read(file: string): number | undefined {
  const at = existsSync(file) ? Date.parse(readFileSync(file, 'utf8').trim()) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
