/** The newest lines, within a bound in bytes. */
export type Ring = {
  push(text: string, by: string): void
  /** Oldest first. */
  lines(): readonly string[]
  /** Hears of each line from now on. */
  follow(hear: (line: string) => void): () => void
}

/** What a line takes beside its text. */
const perLine = 96

type Line = { readonly text: string; readonly bytes: number; readonly order: number }
/** Of one who is charged, oldest first; those before `from` are gone. */
type Lines = { all: Line[]; from: number; bytes: number }

/**
 * Makes room at the cost of whoever takes most of it: who asks for the same a thousand times a second pushes out what is told of himself, and not what
 * another did last week. Makes room for several at once, as it has to look for who that is.
 */
export function createRing(maxBytes: number): Ring {
  const byWhom = new Map<string, Lines>()
  const followers = new Set<(line: string) => void>()
  let bytes = 0
  let order = 0

  const dropFrom = (by: string, of: Lines, until: number): void => {
    for (let oldest = of.all[of.from]; oldest !== undefined && bytes > until; oldest = of.all[of.from]) {
      of.from++
      of.bytes -= oldest.bytes
      bytes -= oldest.bytes
    }
    if (of.from === of.all.length) byWhom.delete(by)
    else if (of.from * 2 > of.all.length) {
      of.all = of.all.slice(of.from)
      of.from = 0
    }
  }
  const makeRoom = (): void => {
    const until = maxBytes - maxBytes / 16
    const hasRoom = () => bytes <= until
    while (!hasRoom()) {
      const ranked = [...byWhom].toSorted(([, one], [, other]) => other.bytes - one.bytes)
      for (const [index, [by, of]] of ranked.entries()) {
        if (hasRoom()) return
        // Down to the next one only, so that two who are loud share what there is.
        const excess = of.bytes - (ranked[index + 1]?.[1].bytes ?? 0)
        dropFrom(by, of, Math.max(until, bytes - Math.max(excess, maxBytes / 64)))
      }
    }
  }

  return {
    push(text, by) {
      const size = perLine + (/[^\0-\xff]/.test(text) ? text.length * 2 : text.length)
      let of = byWhom.get(by)
      if (of === undefined) byWhom.set(by, (of = { all: [], from: 0, bytes: perLine }))
      of.all.push({ text, bytes: size, order: order++ })
      of.bytes += size
      bytes += size
      if (bytes > maxBytes) makeRoom()
      for (const hear of followers) hear(text)
    },
    lines: () =>
      [...byWhom.values()]
        .flatMap(({ all, from }) => all.slice(from))
        .toSorted((one, other) => one.order - other.order)
        .map(({ text }) => text),
    follow(hear) {
      followers.add(hear)
      return () => followers.delete(hear)
    },
  }
}
