import type { Clock } from '@bramble/shared/clock.ts'

export type Answer = { readonly status: number; readonly body: Uint8Array }

type Entry = { readonly at: number; readonly answer: Promise<Answer>; bytes: number }

// A node repeats a request within its own deadline, seconds after it reconnects.
const keepMs = 5 * 60_000
const maxAnswers = 4096
const maxBytes = 16 * 1024 * 1024

/**
 * Makes a repeated request harmless: the same key within the window gets the answer of the first, done or still in the making.
 * Answers that say "try again" are not kept.
 */
export function createReplayWindow(clock: Clock) {
  const known = new Map<string, Entry>()
  let bytes = 0

  const drop = (key: string) => {
    bytes -= known.get(key)?.bytes ?? 0
    known.delete(key)
  }
  const trim = () => {
    const oldest = clock.monotonic() - keepMs
    for (const [key, { at }] of known) {
      if (at >= oldest && known.size <= maxAnswers && bytes <= maxBytes) return
      drop(key)
    }
  }

  const settle = async (key: string, entry: Entry) => {
    const answer = await entry.answer.catch(() => undefined)
    if (known.get(key) !== entry) return
    if (answer === undefined || answer.status === 429 || answer.status >= 500) return drop(key)
    entry.bytes = answer.body.length
    bytes += entry.bytes
    trim()
  }

  return {
    get size() {
      return known.size
    },
    once(key: string, run: () => Promise<Answer>): Promise<Answer> {
      trim()
      const before = known.get(key)
      if (before !== undefined) return before.answer
      const entry = { at: clock.monotonic(), answer: run(), bytes: 0 }
      known.set(key, entry)
      void settle(key, entry)
      return entry.answer
    },
  }
}

export type ReplayWindow = ReturnType<typeof createReplayWindow>
