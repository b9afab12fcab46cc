import type { Clock } from '../clock.ts'
import { ackBytes } from './limits.ts'

/** What is acknowledged sooner waited behind little, so more may go. */
const soonMs = 250
/** What is acknowledged later waited behind so much that a heartbeat would wait as long. */
const lateMs = 1000
/** Below it the other side would owe nobody an acknowledgement, and both would wait. */
export const leastAheadBytes = 2 * ackBytes

/**
 * How many bytes may be on their way unacknowledged, by how long they have been: as long as they come back soon the bound doubles with each round, and
 * it halves when they come back late. So a fast link is full after some rounds, and on one of 64 kbit/s what is urgent never waits behind half a minute
 * of bulk. What the other side acknowledges in lumps is no haste of the link: only the time counts.
 */
export class Ahead {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #mostBytes: () => number
  #bytes = leastAheadBytes
  #sent = 0
  #acknowledged = 0
  /** One round at a time is measured: when so much had been sent, and what had been acknowledged by then. */
  #round: { readonly sent: number; readonly acknowledged: number; readonly at: number } | undefined

  constructor(clock: Pick<Clock, 'monotonic'>, mostBytes: () => number) {
    this.#clock = clock
    this.#mostBytes = mostBytes
  }

  get bytes(): number {
    return Math.min(this.#bytes, this.#mostBytes())
  }

  sent(bytes: number): void {
    this.#sent += bytes
    this.#round ??= { sent: this.#sent, acknowledged: this.#acknowledged, at: this.#clock.monotonic() }
  }

  acknowledged(bytes: number): void {
    this.#acknowledged += bytes
    const round = this.#round
    if (round === undefined || this.#acknowledged < round.sent) return
    this.#round = undefined
    const ms = this.#clock.monotonic() - round.at
    if (ms < soonMs) this.#bytes = Math.min(this.bytes + this.#acknowledged - round.acknowledged, this.#mostBytes())
    else if (ms > lateMs) this.#bytes = Math.max(leastAheadBytes, this.bytes / 2)
  }
}
