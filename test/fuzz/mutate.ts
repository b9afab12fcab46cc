import { nastyBytes, nastyLiterals, nastyTexts, nastyValues } from './nasty.ts'
import type { Random } from './random.ts'

/** `words`: what the grammar of the target is made of. */
type How = { readonly random: Random; readonly words: readonly string[] }

/** No input is longer: what is slow by its length alone is found by the tests of limits. */
export const longest = 64 * 1024

const steps = [1, 1, 1, 2, 2, 3, 5, 9]

/** The seed, changed in a few places without regard to what it is. */
export function mutateBytes(seed: Buffer, how: How): Buffer {
  let bytes = seed
  for (let left = how.random.pick(steps); left > 0; left--) bytes = changed(bytes, how)
  return bytes.subarray(0, longest)
}

function changed(bytes: Buffer, { random, words }: How): Buffer {
  const at = random.below(bytes.length + 1)
  const to = Math.min(bytes.length, at + random.below(random.chance(0.2) ? 200 : 8))
  const without = (middle: Buffer) => Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(to)])
  switch (random.below(8)) {
    case 0: {
      if (bytes.length === 0) return random.pick(nastyBytes)
      const copy = Buffer.from(bytes)
      copy[at % bytes.length] = random.chance(0.5) ? random.below(256) : (copy[at % bytes.length] ?? 0) ^ (1 << random.below(8))
      return copy
    }
    case 1:
      return without(Buffer.alloc(0))
    case 2:
      return bytes.subarray(0, at)
    case 3:
      return without(random.pick(nastyBytes))
    case 4:
      return without(Buffer.from(random.pick(nastyTexts)))
    case 5: {
      const from = random.below(bytes.length + 1)
      const piece = bytes.subarray(from, from + random.below(40))
      return without(Buffer.concat(Array.from({ length: random.chance(0.1) ? 200 : 1 + random.below(3) }, () => piece)))
    }
    default:
      return without(Buffer.from(words.length === 0 ? random.pick(nastyTexts) : random.pick(words)))
  }
}

type Holder = Record<string, unknown> | unknown[]

/** A tree of JSON with values moved, dropped, doubled and replaced; then sometimes, as text, what no tree can say. */
export function mutateJson(seed: unknown, how: How): string {
  const { random, words } = how
  const root = { value: structuredClone(seed) }
  const marks: string[] = []
  for (let left = random.pick(steps); left > 0; left--) {
    const holders: Holder[] = []
    collect(root, holders)
    const holder = random.pick(holders)
    const keys = Object.keys(holder)
    const key = keys.length === 0 ? '' : random.pick(keys)
    const put = (name: string, value: unknown) => {
      if (Array.isArray(holder)) holder[Math.min(Number(name), holder.length)] = value
      else Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true })
    }
    switch (random.below(7)) {
      case 0:
        put(key, structuredClone(random.pick(nastyValues)))
        break
      case 1:
        if (holder === (root as unknown)) break
        if (Array.isArray(holder)) holder.splice(Number(key), 1)
        else delete holder[key]
        break
      case 2:
        if (holder !== (root as unknown)) put(random.pick([...words, ...nastyTexts]), structuredClone(random.pick(nastyValues)))
        break
      case 3: {
        const from = random.pick(holders)
        put(key, structuredClone(Object.values(from)[0]))
        break
      }
      case 4:
        if (Array.isArray(holder)) holder.push(structuredClone(holder[0]))
        else put(key, [Object.getOwnPropertyDescriptor(holder, key)?.value])
        break
      case 5:
        put(key, random.pick(words.length === 0 ? nastyTexts : words))
        break
      default: {
        const mark = `\u0001${marks.length}\u0001`
        marks.push(random.pick(nastyLiterals))
        put(key, mark)
      }
    }
    if (JSON.stringify(root).length > longest) break
  }
  let text = JSON.stringify(root.value) ?? ''
  for (const [i, literal] of marks.entries()) text = text.replace(`"\\u0001${i}\\u0001"`, () => literal)
  return text.slice(0, longest)
}

function collect(value: unknown, found: Holder[], depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > 60 || found.length > 500) return
  found.push(value as Holder) // an object or a list
  for (const part of Object.values(value)) collect(part, found, depth + 1)
}
