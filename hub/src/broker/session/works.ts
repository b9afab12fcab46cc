/** What a node has under way, by the id that it gave: a second one under the same id ends the first. */
export function createWorks() {
  const running = new Map<number, AbortController>()
  return {
    begin(id: number): AbortController {
      const work = new AbortController()
      running.get(id)?.abort(new Error('the id was used again'))
      running.set(id, work)
      return work
    },
    /** Its id may be another's by now. */
    finished(id: number, work: AbortController): void {
      if (running.get(id) === work) running.delete(id)
    },
    cancel: (id: number) => running.get(id)?.abort(new Error('the node cancelled')),
    cancelAll(reason: unknown): void {
      for (const work of running.values()) work.abort(reason)
    },
  }
}
export type Works = ReturnType<typeof createWorks>

/** Requests and reads together. More would be a loop gone wild: an agent has a handful of watches and as many writes. */
export const maxRequests = 64

/** A seat counts until its answer is out, so that this also bounds what waits for a node that reads slowly. */
export function createSeats(most: number) {
  let taken = 0
  return { isFull: () => taken >= most, take: () => (taken += 1), leave: () => (taken -= 1), taken: () => taken }
}
export type Seats = ReturnType<typeof createSeats>
