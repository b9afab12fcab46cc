import type { Clock } from '@bramble/shared/clock.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Cache } from '../../cache/cache.ts'

export type ActiveTimeDeps = {
  /** Kept over restarts. */
  readonly facts: Cache['facts']
  /** Its monotonic time counts from the boot, so that two lives of the agent in one boot measure with the same. */
  readonly clock: Clock
  readonly bootId: string
}

/** How long pods with a deadline have been active on this node. */
export type ActiveTime = {
  /** Milliseconds since this node took the pod on, whatever the wall clock was set to meanwhile; undefined for a pod without a deadline. */
  of(pod: Pod): number | undefined
  forget(uid: string): void
}

/** At `at`, a monotonic time of that boot, the pod had been active for so long. */
type Anchor = { readonly bootId: string; readonly at: number; readonly activeMs: number }

// What a power cut may cost the count: the greater of a minute and a tenth of the deadline. More would be written for nothing.
const leastKeptMs = 60_000
const keptShare = 0.1

/**
 * Within a boot the count is exact, also over restarts of the agent. Over a power cut it goes on from what was kept last; the time
 * without power does not count, because on a board without a clock of its own nobody knows how long that was.
 */
export function createActiveTime({ facts, clock, bootId }: ActiveTimeDeps): ActiveTime {
  const keyOf = (uid: string) => `active/${uid}`
  return {
    of(pod) {
      const { uid = '' } = pod.metadata
      const { activeDeadlineSeconds } = pod.spec
      if (activeDeadlineSeconds === undefined) return undefined
      const keep = (activeMs: number) => {
        facts.set(keyOf(uid), { bootId, at: clock.monotonic(), activeMs } satisfies Anchor)
        return activeMs
      }
      const anchor = facts.get(keyOf(uid)) as Anchor | undefined // written below
      if (anchor === undefined) return keep(toldBefore(pod, clock.now()))
      if (anchor.bootId !== bootId) return keep(anchor.activeMs)
      const sinceMs = Math.max(0, clock.monotonic() - anchor.at)
      const activeMs = anchor.activeMs + sinceMs
      return sinceMs > Math.max(leastKeptMs, activeDeadlineSeconds * 1000 * keptShare) ? keep(activeMs) : activeMs
    },
    forget: (uid) => facts.delete(keyOf(uid)),
  }
}

/** A pod that was started by an agent that kept no count: the wall clock is all there is. */
const toldBefore = ({ status }: Pod, now: number): number =>
  status?.startTime === undefined ? 0 : Math.max(0, now - Date.parse(status.startTime))
