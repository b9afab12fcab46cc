/** Lets so many in at once, of one name and of all: whoever hangs keeps out those of its own name first. Who waits gives up with his signal. */
export type Gate = { enter(name: string, signal: AbortSignal): Promise<() => void> }

export function createGate({ ofOne, ofAll }: { readonly ofOne: number; readonly ofAll: number }): Gate {
  const inside = new Map<string, number>()
  const waiting = new Set<{ readonly name: string; readonly go: () => void }>()
  let all = 0
  const hasRoom = (name: string): boolean => all < ofAll && (inside.get(name) ?? 0) < ofOne
  const take = (name: string): (() => void) => {
    all++
    inside.set(name, (inside.get(name) ?? 0) + 1)
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      all--
      const left = (inside.get(name) ?? 1) - 1
      if (left === 0) inside.delete(name)
      else inside.set(name, left)
      for (const next of waiting) if (hasRoom(next.name)) return next.go()
    }
  }
  return {
    async enter(name, signal) {
      signal.throwIfAborted()
      if (hasRoom(name)) return take(name)
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting.delete(place)
          reject(signal.reason as Error)
        }
        const place = {
          name,
          go() {
            waiting.delete(place)
            signal.removeEventListener('abort', giveUp)
            resolve(take(name))
          },
        }
        waiting.add(place)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
  }
}
