/** Memory for the bodies of all requests together: each is bounded, but so many small bounds are a large one. */
export type BodyBudget = {
  /** False when there is no room for so many bytes more. */
  take(bytes: number): boolean
  giveBack(bytes: number): void
}

export function createBodyBudget(totalBytes: number): BodyBudget {
  let taken = 0
  return {
    take(bytes) {
      if (taken + bytes > totalBytes) return false
      taken += bytes
      return true
    },
    giveBack(bytes) {
      taken -= bytes
    },
  }
}
