import type { Clock } from '@bramble/shared/clock.ts'

export type Answer = { readonly status: number; readonly body: Uint8Array }

type Entry = { readonly at: number; bytes: number; answer: Promise<Answer> | undefined }

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

  const run = async (key: string, entry: Entry, work: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await work()
      if (known.get(key) !== entry) return answer
      if (answer.status === 429 || answer.status >= 500) drop(key)
      else {
        entry.bytes = answer.body.length
        bytes += entry.bytes
        trim()
      }
      return answer
    } catch (error) {
      if (known.get(key) === entry) drop(key)
      throw error
    }
  }

  return {
    get size() {
      return known.size
    },
    once(key: string, work: () => Promise<Answer>): Promise<Answer> {
      trim()
      const before = known.get(key)
      if (before?.answer !== undefined) return before.answer
      const entry: Entry = { at: clock.monotonic(), bytes: 0, answer: undefined }
      known.set(key, entry)
      return (entry.answer = run(key, entry, work))
    },
  }
}

export type ReplayWindow = ReturnType<typeof createReplayWindow>
