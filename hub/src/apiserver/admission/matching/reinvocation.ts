import { exactJson } from '@bramble/shared/json/exact-json.ts'

/**
 * Who is asked a second time. A change makes those due again who were asked before it and want that; in the second round, nobody is asked who was
 * not asked in the first, and no third follows.
 */
export class Reinvocation<T> {
  #isAgain = false
  readonly #asked = new Set<T>()
  #due = new Set<T>()
  #last = ''
  #hasChanged = false

  /** Whether anybody changed anything. */
  get hasChanged(): boolean {
    return this.#hasChanged
  }

  get round(): 0 | 1 {
    return this.#isAgain ? 1 : 0
  }

  /** At the start of a round, with the object: others may have changed it since the last one. */
  begin(object: object | undefined): void {
    if (this.#isAgain && exactJson(object ?? null) !== this.#last) this.#makeDue()
  }

  /** At the end of one. */
  end(object: object | undefined): void {
    if (!this.#isAgain) this.#last = exactJson(object ?? null)
    this.#isAgain = true
  }

  isDue(one: T): boolean {
    return !this.#isAgain || this.#due.has(one)
  }

  /** Said by whoever was asked and wants to hear of later changes. */
  mayAgain(one: T): void {
    this.#asked.add(one)
  }

  changed(): void {
    this.#hasChanged = true
    this.#makeDue()
  }

  #makeDue(): void {
    for (const one of this.#asked) this.#due.add(one)
    this.#asked.clear()
  }
}
