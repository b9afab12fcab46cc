import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { every } from '@bramble/shared/async/every.ts'
import type { Service } from '@bramble/shared/process/service.ts'

/** What the process has used of processors, and what the heap of this thread takes of the memory. */
export type Look = { readonly cpuMs: number; readonly heapBytes: number }

const mebi = 1024 * 1024
const lookMs = 2000
/** A tenth of a core is what a fleet at rest takes. */
const restMs = lookMs / 10
/** What a burst leaves. Less is not worth standing still for. */
const growthBytes = 8 * mebi
/** A collection stands still for up to a millisecond for each of them, on a board for three: larger heaps are left to V8, which does it in steps. */
const largestBytes = 160 * mebi
/** One moves 6 MiB of what lies scattered together, so there are more as long as each gives something back. */
const worthBytes = mebi

export type RestWatch = {
  /** Whether it is time to collect: the hub is at rest and its heap is larger than after the last time. */
  isTime(look: Look): boolean
  /** Takes note of what the processors have done by the end of a collection: it is no work of the hub's. */
  collected(cpuMs: number): void
}

export function createRestWatch(): RestWatch {
  let [cpuMs, leastBytes] = [0, 0]
  /** Of the last look, if it was time then. */
  let before: number | undefined
  return {
    isTime(look) {
      const isAtRest = look.cpuMs - cpuMs < restMs
      cpuMs = look.cpuMs
      if (!isAtRest) return false
      const { heapBytes } = look
      const isTime = before === undefined ? heapBytes - leastBytes >= growthBytes : before - heapBytes >= worthBytes
      if (before !== undefined) leastBytes = Math.min(before, heapBytes)
      before = isTime && heapBytes <= largestBytes ? heapBytes : undefined
      return before !== undefined
    },
    collected(until) {
      cpuMs = until
    },
  }
}

/**
 * Collects the heap when the hub comes to rest after a burst. V8 does so by itself, but begins after 8 seconds or more and then goes on at each
 * allocation, of which there are hardly any: what a burst left lay there for minutes.
 */
export function createCollectionAtRest(): Service {
  const watch = createRestWatch()
  const spentMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  return {
    name: 'collection-at-rest',
    async run(signal) {
      for await (const _ of every(lookMs, signal)) {
        if (!watch.isTime({ cpuMs: spentMs(), heapBytes: getHeapStatistics().total_physical_size })) continue
        collect()
        watch.collected(spentMs())
      }
    },
  }
}

/** With what is scattered moved together, which a collection that is asked for does only where memory counts more than speed. */
export function collect(): void {
  setFlagsFromString('--expose-gc')
  setFlagsFromString('--optimize-for-size')
  try {
    ;(runInNewContext('gc') as () => void)()
  } finally {
    setFlagsFromString('--no-optimize-for-size')
    setFlagsFromString('--no-expose-gc')
  }
}
