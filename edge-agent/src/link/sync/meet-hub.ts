import { type KnownLives, knownLives } from '@bramble/shared/frames/headers.ts'
import type { Cache } from '../../cache/cache.ts'
import { hubSource } from './hub-source.ts'

/** What the hub's welcome says of its history: the lives that it has had, and up to which revision it has what this node heard in those that it named. */
export type Told = { readonly lives?: KnownLives | undefined; readonly shared?: number | undefined }

/** What a node knows of its hub from one connection to the next. */
export type Acquaintance = {
  /** The lives of the hub that were told last, to be named to it; undefined when there are none. */
  lives(): KnownLives | undefined
  /** At each welcome, before anything else is asked or followed. */
  meet(told: Told): void
}

export type AcquaintanceDeps = {
  readonly cache: Pick<Cache, 'source' | 'facts'>
  /** Tells one hub from another; those who share a history are one. */
  readonly hub?: () => string
}

const hubFact = 'hub'
const livesFact = 'hub-lives'

/**
 * A hub that is another than the one that was followed last has versions of its own, and wants what it wants. One that is the same and does not
 * have what it told was restored from a backup: what is held of that is given up, and ends only as what such a hub does not list does.
 *
 * Its lives are written down last: when power goes in between, it is asked about those of before again.
 */
export function createAcquaintance({ cache, hub = () => '' }: AcquaintanceDeps): Acquaintance {
  const source = hubSource(cache)
  const { facts } = cache
  return {
    lives: () => (facts.get(hubFact) === hub() ? knownLives.safeParse(facts.get(livesFact)).data : undefined),
    meet({ lives, shared }) {
      const [before, now] = [facts.get(hubFact), hub()]
      if (before !== undefined && before !== now) source.startOver()
      else if (shared !== undefined) source.giveUp(String(shared))
      if (lives === undefined) facts.delete(livesFact)
      else facts.set(livesFact, lives)
      facts.set(hubFact, now)
    },
  }
}
