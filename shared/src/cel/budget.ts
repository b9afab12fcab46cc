/** Evaluation ends: it has cost what it may. No rule can catch it. */
export class OutOfBudget extends Error {}

/**
 * What an evaluation may still cost. Everything pays before it works, and at least in proportion to its work: a unit is what Kubernetes
 * counts, some tens of nanoseconds here.
 */
export class Budget {
  left: number

  constructor(units: number) {
    this.left = units
  }

  pay(units: number): void {
    this.left -= units
    if (this.left < 0) throw new OutOfBudget()
  }

  /** For a text, or a part of it, that is read from its beginning to its end. */
  payForText(length: number, times = 1): void {
    this.pay(Math.ceil(length * 0.1) * times)
  }
}
