export type Parcel = { readonly body: Uint8Array; /** What its frame took on the wire. */ readonly bytes: number }

/**
 * The frames of one watch or stream between their arrival and their reader. Bounded by the credit the hub has been given, not by
 * a count; so it keeps account of the bytes that are still to be acknowledged.
 */
export class Inbox {
  readonly #parcels: Parcel[] = []
  #ended = false
  #error: unknown
  #wake = () => {}

  /** True once the other side has closed it, or the connection has. */
  get ended(): boolean {
    return this.#ended
  }

  push(parcel: Parcel): boolean {
    if (this.#ended) return false
    this.#parcels.push(parcel)
    this.#wake()
    return true
  }

  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake()
  }

  /** The next parcel; undefined at the end, which may be an error. `stopped` ends the wait early. */
  async next(signal: AbortSignal): Promise<Parcel | undefined> {
    for (;;) {
      if (signal.aborted) return undefined
      const parcel = this.#parcels.shift()
      if (parcel !== undefined) return parcel
      if (this.#ended) {
        if (this.#error !== undefined) throw this.#error
        return undefined
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Wakes a reader so that it sees its signal. */
  wake(): void {
    this.#wake()
  }

  /** Throws away what nobody will read, and answers its bytes. */
  drain(): number {
    return this.#parcels.splice(0).reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
