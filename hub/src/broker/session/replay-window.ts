import type { Clock } from '@bramble/shared/clock.ts'
import type { Answer } from './answer.ts'

type Entry = { readonly at: number; bytes: number; answer: Promise<Answer> | undefined }
type OfNode = { readonly known: Map<string, Entry>; bytes: number }

// A node repeats a request within its own deadline, half a minute, seconds after it reconnects. Each Lease is an answer: at five minutes a
// fleet of five thousand had 150,000 of them.
const keepMs = 2 * 60_000
// Of one node: what it has in flight many times over, and the largest object once more than it may send at a time.
const maxAnswers = 1024
const maxBytes = 4 * 1024 * 1024
// Of all together; the node that holds most gives first.
const maxAllBytes = 16 * 1024 * 1024
// Then so much at once: to find who holds most, all are looked at.
const roomBytes = 1024 * 1024

/**
 * Makes a repeated request harmless: the same key of a node within the window gets the answer of the first, done or still in the
 * making. Answers that say "try again" are not kept. Each node has a window of its own, so that none can push out another's keys.
 */
export function createReplayWindow(clock: Clock) {
  const nodes = new Map<string, OfNode>()
  let allBytes = 0

  const drop = (of: OfNode, key: string) => {
    const bytes = of.known.get(key)?.bytes ?? 0
    of.bytes -= bytes
    allBytes -= bytes
    of.known.delete(key)
  }
  const trim = (of: OfNode) => {
    const oldest = clock.monotonic() - keepMs
    for (const [key, { at }] of of.known) {
      if (at >= oldest && of.known.size <= maxAnswers && of.bytes <= maxBytes) return
      drop(of, key)
    }
  }
  const trimAll = () => {
    if (allBytes <= maxAllBytes) return
    const most = levelOf(
      [...nodes.values()].map(({ bytes }) => bytes),
      maxAllBytes - roomBytes,
    )
    for (const of of nodes.values())
      for (const [key, { bytes }] of of.known) {
        if (of.bytes <= most) break
        if (bytes > 0) drop(of, key)
      }
  }
  const ofNode = (node: string): OfNode => {
    const known = nodes.get(node) ?? { known: new Map<string, Entry>(), bytes: 0 }
    // Behind the others: in front are those who have been silent for longest, and who was for the whole time has nothing left to repeat.
    nodes.delete(node)
    nodes.set(node, known)
    for (const [name, each] of nodes) {
      trim(each)
      if (each.known.size > 0 || each === known) break
      nodes.delete(name)
    }
    return known
  }

  const run = async (of: OfNode, key: string, entry: Entry, work: () => Promise<Answer>): Promise<Answer> => {
    try {
      const answer = await work()
      if (of.known.get(key) !== entry) return answer
      if (answer.status === 429 || answer.status >= 500) drop(of, key)
      else {
        entry.bytes = answer.body.length
        of.bytes += entry.bytes
        allBytes += entry.bytes
        trim(of)
        trimAll()
      }
      return answer
    } catch (error) {
      if (of.known.get(key) === entry) drop(of, key)
      throw error
    }
  }

  return {
    get size() {
      return [...nodes.values()].reduce((sum, { known }) => sum + known.size, 0)
    },
    get bytes() {
      return allBytes
    },
    once(node: string, key: string, work: () => Promise<Answer>): Promise<Answer> {
      const of = ofNode(node)
      trim(of)
      const before = of.known.get(key)
      if (before?.answer !== undefined) return before.answer
      const entry: Entry = { at: clock.monotonic(), bytes: 0, answer: undefined }
      of.known.set(key, entry)
      return (entry.answer = run(of, key, entry, work))
    },
  }
}

export type ReplayWindow = ReturnType<typeof createReplayWindow>

/** What each may have at most so that all together have no more than `total`. */
function levelOf(amounts: readonly number[], total: number): number {
  let left = total
  let others = amounts.length
  for (const amount of amounts.toSorted((a, b) => a - b)) {
    if (amount * others > left) return left / others
    left -= amount
    others -= 1
  }
  return total
}
