export type LatestMapOptions<K, V> = {
  readonly count: number
  /** What all of them together may take, in whatever `sizeOf` counts. That of an entry never changes. */
  readonly size?: number
  readonly sizeOf?: (value: V, key: K) => number
}

/** The entries that were set last, so many and so much of them: the one that was set longest ago makes room first. */
export class LatestMap<K, V> implements Iterable<[K, V]> {
  readonly #entries = new Map<K, V>()
  readonly #most: Required<LatestMapOptions<K, V>>
  #size = 0

  constructor({ count, size = Infinity, sizeOf = () => 0 }: LatestMapOptions<K, V>) {
    this.#most = { count, size, sizeOf }
  }

  get count(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  /** It is the newest then, also when it was there. */
  set(key: K, value: V): void {
    this.delete(key)
    this.#entries.set(key, value)
    this.#size += this.#most.sizeOf(value, key)
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most.count && this.#size <= this.#most.size) break
      this.delete(oldest)
    }
  }

  delete(key: K): void {
    const known = this.#entries.get(key)
    if (known === undefined || !this.#entries.delete(key)) return
    this.#size -= this.#most.sizeOf(known, key)
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#entries.entries()
  }
}
