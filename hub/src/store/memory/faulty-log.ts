import type { Proposal, RevisionLog } from '../log.ts'

/** A log that fails and stalls on demand. */
export type FaultyLog = RevisionLog & {
  readonly proposed: readonly Proposal[]
  /** Every proposal and compaction fails with this until `heal`; nothing of it reaches the log behind it. */
  failWith(error: Error): void
  heal(): void
  /** Proposals and compactions wait, as they do for a slow card, until `release`. */
  hold(): void
  release(): void
}

export function faultyLog(log: RevisionLog): FaultyLog {
  const proposed: Proposal[] = []
  let failure: Error | undefined
  let gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined
  const underway = new Set<Promise<unknown>>()
  const behind = <T>(action: () => Promise<T>): Promise<T> => {
    const all = (async () => {
      if (gate !== undefined) await gate.opened
      if (failure !== undefined) throw failure
      return action()
    })()
    underway.add(all)
    void all.catch(() => {}).finally(() => underway.delete(all))
    return all
  }
  return {
    proposed,
    failWith: (error) => void (failure = error),
    heal: () => void (failure = undefined),
    hold() {
      const { promise, resolve } = withResolvers()
      gate = { opened: promise, open: resolve }
    },
    release() {
      gate?.open()
      gate = undefined
    },
    load: () => log.load(),
    tail: (from, hear) => log.tail(from, hear),
    propose(proposal) {
      proposed.push(proposal)
      return behind(() => log.propose(proposal))
    },
    forget: (forgotten) => log.forget(forgotten),
    compact: () => behind(() => log.compact()),
    get stats() {
      return log.stats
    },
    async close() {
      await Promise.allSettled(underway)
      await log.close()
    },
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
