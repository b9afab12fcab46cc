import type { Clock } from '../clock.ts'
import { ackBytes } from './limits.ts'

/** Acknowledgements of one session are so far apart, unless so much is owed that its sender may soon have to wait for it: each costs both ends as much as a frame. */
const apartMs = 2
const mostOwedBytes = 256 * 1024

/**
 * What a receiver has to acknowledge. It is told in lumps (`ackBytes`), the first at once, because a sender that begins has no more on its way; and on a link that
 * brings many in a moment, for all of them together.
 */
export class Owed {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #tell: (bytes: number, isLazy: boolean) => void
  #bytes = 0
  #toldAt = -Infinity
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Pick<Clock, 'monotonic'>, tell: (bytes: number, isLazy: boolean) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  get bytes(): number {
    return this.#bytes
  }

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < ackBytes) return
    const leftMs = this.#toldAt + apartMs - this.#clock.monotonic()
    if (leftMs <= 0 || this.#bytes >= mostOwedBytes) this.tell()
    else this.#timer ??= setTimeout(() => this.tell(), leftMs)
  }

  /** Now, if there is anything; lazily with something else that is no hurry. */
  tell(isLazy = false): void {
    this.forget()
    const bytes = this.#bytes
    if (bytes === 0) return
    this.#bytes = 0
    this.#toldAt = this.#clock.monotonic()
    this.#tell(bytes, isLazy)
  }

  /** Nothing that is owed now is told of by itself. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
