/** Into so many looks a time is cut. */
const parts = 4

/**
 * The timer behind `mqtt`'s keepalive: calls again and again when so much time has passed by our own looks. While this process stands still, or the whole
 * machine does, it does not look either, and reads what has come before it looks again: that a hub was not heard meanwhile is no silence of the hub's.
 */
export const patientTimer = {
  /** Answers the number of the timer. */
  set(call: Function, ms: number): number {
    let looks = 0
    const timer = setInterval(() => {
      looks += 1
      if (looks % parts === 0) call()
    }, ms / parts)
    return timer[Symbol.toPrimitive]()
  },
  clear: (timer: number | undefined): void => clearInterval(timer),
}
