import type { BulkSource, Outgoing } from './sender.ts'

/** Long messages, one after the other. Their text stays text until their turn. */
export class MessageQueue<M extends { readonly t: string }> implements BulkSource<M> {
  readonly #messages: Outgoing<M>[] = []

  push(outgoing: Outgoing<M>): void {
    this.#messages.push(outgoing)
  }

  next(): Outgoing<M> | undefined {
    return this.#messages.shift()
  }

  /** What nobody waits for any more is not sent, unless it is on its way. True when it was not. */
  drop(isIt: (message: M) => boolean): boolean {
    const index = this.#messages.findIndex(({ message }) => isIt(message))
    if (index < 0) return false
    for (const { onDone } of this.#messages.splice(index, 1)) onDone?.()
    return true
  }

  close(): void {
    for (const { onDone } of this.#messages.splice(0)) onDone?.()
  }
}
