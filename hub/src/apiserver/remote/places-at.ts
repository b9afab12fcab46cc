/** So many at once for each name, in the order in which they came. Who waits waits until its signal. */
export function createPlacesAt(most: number) {
  const names = new Map<string, { taken: number; readonly waiting: Set<() => void> }>()
  const leaveFrom = (name: string) => {
    let hasLeft = false
    return () => {
      const of = names.get(name)
      if (hasLeft || of === undefined) return
      hasLeft = true
      const [next] = of.waiting
      if (next !== undefined) return next()
      of.taken -= 1
      if (of.taken === 0) names.delete(name)
    }
  }
  return {
    async enter(name: string, signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted()
      let of = names.get(name)
      if (of === undefined) names.set(name, (of = { taken: 0, waiting: new Set() }))
      if (of.taken < most) {
        of.taken += 1
        return leaveFrom(name)
      }
      const { waiting } = of
      await new Promise<void>((resolve, reject) => {
        const settle = (then: () => void) => () => {
          waiting.delete(enter)
          signal.removeEventListener('abort', giveUp)
          then()
        }
        const enter = settle(resolve)
        const giveUp = settle(() => reject(signal.reason))
        waiting.add(enter)
        signal.addEventListener('abort', giveUp, { once: true })
      })
      return leaveFrom(name)
    },
  }
}
