import { closeSync, openSync, writeSync } from 'node:fs'

/** What a process was about to write, and what it was told to be safe; by name the newest counts. */
export type Entry = {
  readonly type: 'trying' | 'acknowledged'
  readonly name: string
  readonly value: string | null
  readonly revision?: number
}

export const diaryName = '/diary'

/** Kept by a process in its recording itself, so that it stands in order with what it did to its files; no cut takes it away. */
export function diary(folder: string) {
  const file = openSync(folder + diaryName, 'a')
  return sayings((entry) => void writeSync(file, `${JSON.stringify(entry)}\n`))
}

/** Above every descriptor that a recorded process has. */
const diaryDescriptor = 4095

/** The same, kept by one who is no recorded process itself but hears from it: in its record, so that it stands in order there. */
export function diaryIn(record: string) {
  const file = openSync(record, 'a', 0o600)
  const note = (head: string, data: string) => void writeSync(file, `${head} ${Buffer.byteLength(data)}\n${data}`)
  const say = (entry: Entry) => note(`write ${diaryDescriptor} 0`, JSON.stringify(entry))
  note(`open ${diaryDescriptor} 0 0`, diaryName)
  return { ...sayings(say), close: () => closeSync(file) }
}

const sayings = (say: (entry: Entry) => void) => ({
  trying: (name: string, value: string | null) => say({ type: 'trying', name, value }),
  acknowledged: (name: string, value: string | null, revision?: number) => say({ type: 'acknowledged', name, value, revision }),
})

/** What may be there after a cut: of each name the value acknowledged last, or one that was tried since. */
export class Expected {
  readonly #possible = new Map<string, (string | null)[]>()
  revision = 0

  read({ type, name, value, revision }: Entry): void {
    if (type === 'trying') this.#possible.set(name, [...(this.#possible.get(name) ?? [null]), value])
    else this.#possible.set(name, [value])
    if (revision !== undefined) this.revision = Math.max(this.revision, revision)
  }

  names(prefix: string): readonly string[] {
    return [...this.#possible.keys()].filter((name) => name.startsWith(prefix))
  }

  /** Throws when what is there cannot be: an acknowledged value that is lost, or one that nobody wrote. */
  check(name: string, found: string | null): void {
    const possible = this.#possible.get(name) ?? [null]
    if (possible.includes(found)) return
    const short = (value: string | null) => (value === null ? 'nothing' : `${value.slice(0, 24)}… (${value.length})`)
    throw new Error(`${name}: expected ${possible.map(short).join(' or ')}, found ${short(found)}`)
  }
}

/** A generator of numbers in [0, 1) that a seed repeats (mulberry32). */
export function rolling(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
