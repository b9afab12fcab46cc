/**
 * Lines of those who lost a race for an object. A hundred writers of one object then write a hundred times, each on what the one before has
 * left, instead of five thousand times until some of them give up. Where nobody has lost there is no line, and nobody waits.
 */
export type Lines = {
  /** Whether anybody waits for this object. */
  readonly isThere: (key: string) => boolean
  /** Resolves when it is one's turn, with how to let the next one go. */
  readonly enter: (key: string) => Promise<() => void>
}

export function createLines(): Lines {
  const ends = new Map<string, Promise<void>>()
  return {
    isThere: (key) => ends.size > 0 && ends.has(key),
    async enter(key) {
      const before = ends.get(key)
      let leave = () => {}
      const end = new Promise<void>((resolve) => (leave = resolve))
      ends.set(key, end)
      await before
      return () => {
        if (ends.get(key) === end) ends.delete(key)
        leave()
      }
    },
  }
}
