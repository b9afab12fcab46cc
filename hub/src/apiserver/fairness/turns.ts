import type { Clock } from '@bramble/shared/clock.ts'

/** Longer than this no burst of requests keeps the loop from its other connections. A GET takes a fiftieth of it, a large list all. */
const turnMs = 5

/**
 * Who begins a request when. As long as the requests of this turn of the loop have not used up its time, one begins at once; beyond that
 * they go one by one, and the loop serves its other connections in between. The groups of askers (nodes, administrators) take turns, and
 * those of a group among themselves: a person waits for one request of the fleet and not for one of each of a thousand nodes.
 */
export function createTurns(clock: Clock) {
  const groups = new Map<string, Map<string, (() => void)[]>>()
  let startedAt: number | undefined

  const next = () => {
    startedAt = undefined
    const go = takeFirst(groups, (askers) => takeFirst(askers, (queue) => queue.shift(), isEmpty), isNobody)
    if (go === undefined) return
    begin()
    go()
  }
  const begin = () => {
    startedAt = clock.monotonic()
    setImmediate(next)
  }

  return {
    /** Undefined: at once. How many wait is bounded by who lets them in. */
    wait(group: string, who: string): Promise<void> | undefined {
      if (startedAt === undefined) {
        begin()
        return undefined
      }
      if (groups.size === 0 && clock.monotonic() - startedAt < turnMs) return undefined
      return new Promise((resolve) => {
        const askers = groups.get(group) ?? new Map<string, (() => void)[]>()
        const queue = askers.get(who) ?? []
        queue.push(resolve)
        groups.set(group, askers.set(who, queue))
      })
    },
  }
}

const isEmpty = (queue: readonly unknown[]) => queue.length === 0
const isNobody = (askers: ReadonlyMap<string, unknown>) => askers.size === 0

/** What `take` gets of the first, which then stands behind the others, unless nothing is left of it. */
function takeFirst<V, T>(line: Map<string, V>, take: (value: V) => T | undefined, isOver: (value: V) => boolean): T | undefined {
  const [first] = line
  if (first === undefined) return undefined
  const [name, value] = first
  line.delete(name)
  const taken = take(value)
  if (!isOver(value)) line.set(name, value)
  return taken
}
