import { isTurnOver, nextTurn } from './turns.ts'

const over = { done: true, value: undefined } as const

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

  /** By hand: where a thousand watchers hear of one change, the steps of a generator cost as much as writing it to them. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    let hasRead = false
    return {
      next: () => {
        if (hasRead && this.#items.length > 0 && isTurnOver()) return nextTurn().then(() => this.#next())
        hasRead = true
        return this.#next()
      },
      return: () => {
        this.#items.length = 0
        this.#error = undefined
        this.close()
        return Promise.resolve(over)
      },
    }
  }

  #next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) return Promise.resolve({ done: false, value: this.#items.shift() as T }) // there is one
    if (!this.#closed) return new Promise((resolve) => (this.#wake = () => resolve(this.#next())))
    const error = this.#error
    this.#error = undefined
    return error === undefined ? Promise.resolve(over) : Promise.reject(error)
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
