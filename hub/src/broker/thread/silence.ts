/** How often each connection is looked at. */
export const lookMs = 1500

/**
 * Whether a client has been silent for one and a half times its keepalive [MQTT-3.1.2-24], by this thread's own looks and not by the time of day: while
 * the thread stands still, or the whole machine does, nobody can be heard. A look takes one and a half seconds, so as many as its keepalive has seconds are
 * the end. `bytesRead`: what was heard of it in all; while it is held back itself, what it says waits in its socket, and it is not silent.
 */
export function createSilence(keepaliveSeconds: number): (heard: { readonly bytesRead: number; readonly isHeldBack: boolean }) => boolean {
  let seen = 0
  let looks = 0
  return ({ bytesRead, isHeldBack }) => {
    looks = bytesRead === seen && !isHeldBack ? looks + 1 : 0
    seen = bytesRead
    return looks > keepaliveSeconds
  }
}
