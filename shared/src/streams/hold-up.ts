import type { Inlet } from './inlet.ts'

/** What the inlets of one connection may hold in all before one that is full holds the connection up. */
const mostBytes = 1024 * 1024
/** So long anybody is waited for before others are read on past him: who is only slower than his caller holds no more than one inlet. */
const pauseMs = 100
/** So long nothing at all is taken of what holds the others up: a pod that works slowly takes a little now and then. */
const stuckMs = 15_000
/** In so many looks: while we stand still ourselves, nobody can be seen to take anything. */
const stuckLooks = 5

export type HoldUpDeps = {
  /** All that come over the connection. */
  readonly inlets: () => Iterable<Inlet>
  /** There is somebody beside that one to be held up. */
  readonly isShared: () => boolean
}

/**
 * What comes over a connection without windows comes in one order: behind bytes that nobody takes nothing else is heard. So others are read on until much
 * waits in all, and then who takes nothing any more is given up, he alone. One that is alone on its connection may take as long as it likes.
 */
export class HoldUp {
  readonly #deps: HoldUpDeps
  /** What was taken of those who were waited for in vain: they are read on past until they take more. */
  readonly #slow = new WeakMap<Inlet, number>()

  constructor(deps: HoldUpDeps) {
    this.#deps = deps
  }

  /** Undefined when the connection may be read on; else resolves when it may, which `giveUp` makes true by ending that inlet. */
  after(inlet: Inlet, giveUp: (error: Error) => void): Promise<void> | undefined {
    if (!inlet.isFull) return undefined
    if (this.#waiting() < mostBytes) return this.#slow.get(inlet) === inlet.taken ? undefined : this.#pause(inlet)
    let [taken, looks] = [inlet.taken, 0]
    const looking = setInterval(() => {
      looks = inlet.taken === taken ? looks + 1 : 0
      taken = inlet.taken
      if (looks >= stuckLooks && this.#deps.isShared()) giveUp(tookNothing())
    }, stuckMs / stuckLooks)
    return inlet.room().finally(() => clearInterval(looking))
  }

  async #pause(inlet: Inlet): Promise<void> {
    const { taken } = inlet
    let timer: NodeJS.Timeout | undefined
    const pause = new Promise<void>((resolve) => (timer = setTimeout(resolve, pauseMs)))
    await Promise.race([inlet.room(), pause]).finally(() => clearTimeout(timer))
    if (inlet.isFull && inlet.taken === taken) this.#slow.set(inlet, taken)
  }

  #waiting(): number {
    let bytes = 0
    for (const { length } of this.#deps.inlets()) bytes += length
    return bytes
  }
}

const tookNothing = () =>
  new Error(`the pod has taken nothing of this connection for ${stuckMs / 1000} s, and the others of the same session waited behind it`)
