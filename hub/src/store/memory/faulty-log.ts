import type { LogBatch, RevisionLog } from '../log.ts'

/** A log that fails and stalls on demand, and shows what it was given. */
export type FaultyLog = RevisionLog & {
  readonly batches: readonly LogBatch[]
  /** Every append fails with this until `heal`; nothing of the batch reaches the log behind it. */
  failWith(error: Error): void
  heal(): void
  /** Appends wait, as they do for a slow card, until `release`. */
  hold(): void
  release(): void
}

export function faultyLog(log: RevisionLog): FaultyLog {
  const batches: LogBatch[] = []
  let failure: Error | undefined
  let gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined
  return {
    batches,
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
    async append(batch) {
      batches.push(batch)
      await gate?.opened
      if (failure !== undefined) throw failure
      await log.append(batch)
    },
    get bytesWritten() {
      return log.bytesWritten
    },
    close: () => log.close(),
  }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
