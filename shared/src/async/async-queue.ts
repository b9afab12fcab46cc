import { isTurnOver, nextTurn } from './turns.ts'

/**
 * A bounded queue between one producer that never waits and one consumer that iterates.
 * `push` answers false when the queue is full or closed: the producer decides what being full means.
 */
export class AsyncQueue<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  readonly #limit: number
  #wake: (() => void) | undefined
  #closed = false
  #error: unknown

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#items.length
  }

  get closed(): boolean {
    return this.#closed
  }

  push(item: T): boolean {
    if (this.#closed || this.#items.length >= this.#limit) return false
    this.#items.push(item)
    this.#wakeUp()
    return true
  }

  /** Ends the iteration after what is queued; with an error, the iteration throws it then. */
  close(error?: unknown): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    this.#wakeUp()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        while (this.#items.length > 0) {
          yield this.#items.shift() as T // length was checked just above
          if (isTurnOver()) await nextTurn()
        }
        if (this.#closed) {
          if (this.#error !== undefined) throw this.#error
          return
        }
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      this.#closed = true
      this.#items.length = 0
    }
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
