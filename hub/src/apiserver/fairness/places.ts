/** Equal numbers of places, one number for each name. Nothing is kept of a name that has none taken. */
export function createPlaces(most: number) {
  const taken = new Map<string, number>()
  return {
    /** The function gives it back, once; undefined when that name has all of its own. */
    take(name: string): (() => void) | undefined {
      const own = taken.get(name) ?? 0
      if (own >= most) return undefined
      taken.set(name, own + 1)
      let isBack = false
      return () => {
        if (isBack) return
        isBack = true
        const left = (taken.get(name) ?? 1) - 1
        if (left > 0) taken.set(name, left)
        else taken.delete(name)
      }
    },
  }
}
