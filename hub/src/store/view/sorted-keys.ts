/** Keys in order, found by binary search. Most objects come in the order of their names or soon after, so an array serves. */
export class SortedKeys {
  readonly #keys: string[] = []

  get size(): number {
    return this.#keys.length
  }

  at(index: number): string {
    return this.#keys[index] as string // the index came from `range`
  }

  /** The key must not be there yet. */
  add(key: string): void {
    const last = this.#keys.at(-1)
    if (last === undefined || last < key) this.#keys.push(key)
    else this.#keys.splice(this.#indexOf(key), 0, key)
  }

  /** The key must be there. */
  delete(key: string): void {
    this.#keys.splice(this.#indexOf(key), 1)
  }

  /** The keys in a scope that come after `after`, as an index range. */
  range(scope: string, after: string | undefined): { readonly start: number; readonly end: number } {
    const first = this.#indexOf(scope)
    const start = after === undefined || after < scope ? first : this.#firstWhere((key) => key > after)
    return {
      start,
      end: Math.max(
        start,
        this.#firstWhere((key) => key > scope && !isUnder(key, scope)),
      ),
    }
  }

  #indexOf(key: string): number {
    return this.#firstWhere((other) => other >= key)
  }

  #firstWhere(holds: (key: string) => boolean): number {
    let low = 0
    for (let high = this.#keys.length; low < high;) {
      const middle = (low + high) >>> 1
      if (holds(this.#keys[middle] as string)) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** A scope that ends with a slash has all keys below it; another is one key. */
export const isUnder = (key: string, scope: string): boolean => key === scope || (scope.endsWith('/') && key.startsWith(scope))
