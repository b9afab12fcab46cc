type Made = { readonly value: unknown; readonly size: number }

/** Values that can be made again whenever they are wanted: kept are those that were used last, as many as have so much size together. */
export class LatelyUsed {
  readonly #most: number
  #size = 0
  /** Used longest ago first. */
  readonly #kept = new Map<object, Made>()
  #last: object | undefined

  constructor(most: number) {
    this.#most = most
  }

  /** A value that is made when it is first asked for, and again when others have pushed it out. One that is too large is kept until the next one comes. */
  memo<T>(size: number, make: () => T): () => T {
    const key = {}
    return () => {
      let made = this.#kept.get(key)
      if (made !== undefined && this.#last === key) return made.value as T // of its own `make`
      if (made === undefined) {
        made = { value: make(), size }
        this.#size += size
      } else this.#kept.delete(key)
      this.#kept.set(key, made)
      this.#last = key
      for (const [oldest, { size: freed }] of this.#kept) {
        if (this.#size <= this.#most || oldest === key) break
        this.#kept.delete(oldest)
        this.#size -= freed
      }
      return made.value as T // of its own `make`
    }
  }
}
