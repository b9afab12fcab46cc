/**
 * Walks from one that waits to those it waits for, and on; answers the first step of a way that leads back to it. Exact: one who
 * waits for a circle without being in it is not told so. Looks at each once, however many ways lead there.
 */
export function findCircle<T>(start: string, waitsFor: (id: string) => readonly T[], idOf: (each: T) => string): T | undefined {
  const seen = new Set<string>()
  for (const first of waitsFor(start)) {
    if (idOf(first) === start) return first
    const next = [idOf(first)]
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      for (const each of waitsFor(id)) {
        const eachId = idOf(each)
        if (eachId === start) return first
        if (!seen.has(eachId)) next.push(eachId)
      }
    }
  }
  return undefined
}
