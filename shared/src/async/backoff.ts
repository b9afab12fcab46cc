export type BackoffOptions = {
  readonly firstMs: number
  readonly maxMs: number
  readonly factor?: number
  /** 0…1; full jitter draws the whole delay, which is what keeps a fleet from reconnecting in step. */
  readonly random?: () => number
}

export type Backoff = {
  next(): number
  reset(): void
}

/** Growing delays with full jitter (never below a tenth of the step). `reset` starts over after a success. */
export function createBackoff({ firstMs, maxMs, factor = 2, random = Math.random }: BackoffOptions): Backoff {
  let step = firstMs
  return {
    next(): number {
      const delay = step * (0.1 + 0.9 * random())
      step = Math.min(maxMs, step * factor)
      return delay
    },
    reset(): void {
      step = firstMs
    },
  }
}
