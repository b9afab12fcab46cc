import { existsSync, readFileSync } from 'node:fs'
import type { Clock } from '@bramble/shared/clock.ts'
import { earliestClock, yearMs } from '@bramble/shared/identity/certificate-life.ts'
import { writeSecretFile } from './secret-file.ts'

const day = 24 * 3600 * 1000
// A clock that says the same for so long is believed after all: the hub lay in a drawer for years. By then every node that is
// switched on has renewed its certificate by it.
const convincedMs = 7 * day

/** The time by which other people's certificates end. */
export type BelievedClock = Clock & {
  /** Writes down what it knows, at most once a day; for whoever starts next. */
  keep(): void
}

export type BelievedClockDeps = { readonly path: string; readonly clock: Clock }

/**
 * A clock that a hub's own may not push years ahead. A board without a battery, or with a network that tells it a wrong time, would end
 * every certificate of its cluster at once; until such a clock has lasted for a week time is counted on from what was known before.
 */
export function createBelievedClock({ path, clock }: BelievedClockDeps): BelievedClock {
  let saved = read(path)
  let known = saved === undefined ? undefined : { at: saved, mono: clock.monotonic() }
  let aheadSince: number | undefined

  const now = (): number => {
    const [own, mono] = [clock.now(), clock.monotonic()]
    const counted = known && known.at + (mono - known.mono)
    const isAhead = counted !== undefined && own > counted + yearMs
    aheadSince = isAhead ? (aheadSince ?? mono) : undefined
    const isConvinced = aheadSince !== undefined && mono - aheadSince > convincedMs
    if (counted !== undefined && (own < earliestClock || (isAhead && !isConvinced))) return counted
    if (own >= earliestClock) known = { at: own, mono }
    return own
  }
  return {
    now,
    monotonic: () => clock.monotonic(),
    keep() {
      const at = now()
      if (at < earliestClock || (saved !== undefined && Math.abs(at - saved) < day)) return
      writeSecretFile(path, `${new Date(at).toISOString()}\n`)
      saved = at
    },
  }
}

/** A file that nobody can read says nothing. */
function read(path: string): number | undefined {
  const at = existsSync(path) ? Date.parse(readFileSync(path, 'utf8').trim()) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
