export type Rate = { readonly burst: number; readonly perSecond: number }

/** So much at once, which comes back at a steady rate. `now` is in milliseconds, of a clock that nobody sets. */
export class TokenBucket {
  readonly #rate: Rate
  #left: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** Takes that much if it is there; else takes nothing. */
  take(now: number, amount = 1): boolean {
    this.#refill(now)
    if (this.#left < amount) return false
    this.#left -= amount
    return true
  }

  /** Takes it in any case, and answers in how many milliseconds what is missing will be back: 0 when nothing is. */
  takeAhead(now: number, amount = 1): number {
    this.#refill(now)
    this.#left -= amount
    return this.#msUntil(0)
  }

  /** In how many milliseconds so much will be there. */
  readyInMs(now: number, amount = 1): number {
    this.#refill(now)
    return this.#msUntil(amount)
  }

  giveBack(amount: number): void {
    this.#left = Math.min(this.#rate.burst, this.#left + amount)
  }

  isFull(now: number): boolean {
    this.#refill(now)
    return this.#left >= this.#rate.burst
  }

  #msUntil(amount: number): number {
    return this.#left >= amount ? 0 : ((amount - this.#left) / this.#rate.perSecond) * 1000
  }

  #refill(now: number): void {
    this.#left = Math.min(this.#rate.burst, this.#left + ((now - this.#at) / 1000) * this.#rate.perSecond)
    this.#at = now
  }
}
