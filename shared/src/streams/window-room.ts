/** What windows of channels may have together beyond the one that each begins with: many wide ones must not take memory without bound. */
export type WindowRoom = {
  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean
  giveBack(bytes: number): void
}

/** `within`: what many such have together. */
export function createWindowRoom(mostBytes: number, within?: WindowRoom): WindowRoom {
  let taken = 0
  return {
    take(bytes) {
      if (taken + bytes > mostBytes || within?.take(bytes) === false) return false
      taken += bytes
      return true
    },
    giveBack(bytes) {
      taken -= bytes
      within?.giveBack(bytes)
    },
  }
}
