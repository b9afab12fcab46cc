import type { Clock } from '../clock.ts'
import { largePartBytes, partBytes } from './limits.ts'

/** So long what is urgent may wait behind the rest of a frame that is on its way. */
const frameMs = 4
/** Acknowledgements come in lumps, several with one read of a socket: what is shorter is no measure. */
const measureMs = 20

/**
 * How large frames may be, by how fast the other side has acknowledged them: as many bytes as go in a few milliseconds, from `partBytes` to `largePartBytes`.
 * Who has little to say is measured as slow, and is well served by small frames.
 */
export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>
  #since = 0
  #bytes = 0
  #part = partBytes

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
  }

  get partBytes(): number {
    return this.#part
  }

  /** From now on something is on its way, and nothing was before. */
  begin(): void {
    // Of what goes and is acknowledged at once, again and again, each is too short to be measured.
    if (this.#bytes > 0 && this.#clock.monotonic() - this.#since < measureMs) return
    this.#since = this.#clock.monotonic()
    this.#bytes = 0
  }

  acknowledged(bytes: number): void {
    this.#bytes += bytes
    const ms = this.#clock.monotonic() - this.#since
    if (ms < measureMs) return
    this.#part = Math.max(partBytes, Math.min(largePartBytes, Math.round((this.#bytes / ms) * frameMs)))
    this.#since += ms
    this.#bytes = 0
  }
}
