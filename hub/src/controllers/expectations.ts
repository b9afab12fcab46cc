/** Kubernetes' figure: after this a write that was never seen in a watch no longer holds a controller back. */
const timeoutMs = 300_000

/**
 * What a controller has written and not yet seen come back in its watch. Until it has, its lister is behind its own deeds, and
 * acting on it would create or delete twice.
 */
export class Expectations {
  readonly #open = new Map<string, Map<string, number>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  expect(key: string, id: string): void {
    const ids = this.#open.get(key) ?? new Map<string, number>()
    ids.set(id, this.#now())
    this.#open.set(key, ids)
  }

  observe(key: string, id: string): void {
    const ids = this.#open.get(key)
    ids?.delete(id)
    if (ids?.size === 0) this.#open.delete(key)
  }

  forget(key: string): void {
    this.#open.delete(key)
  }

  areMet(key: string): boolean {
    for (const [id, since] of this.#open.get(key) ?? []) if (this.#now() - since > timeoutMs) this.observe(key, id)
    return !this.#open.has(key)
  }
}
