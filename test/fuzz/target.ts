import { marked } from '@bramble/shared/discover.ts'
import { mutateBytes, mutateJson } from './mutate.ts'
import type { Random } from './random.ts'

/** Takes one input. It throws what no reader may throw: for a refusal that is made for the sender it returns. */
export type Take = (input: Buffer, random: Random) => void | Promise<void>

/** One reader of what comes from outside. A file of `targets/` that exports one is run. */
export type Target = {
  readonly isTarget: true
  readonly name: string
  /** Good and nearly good inputs, from which others are made. */
  readonly seeds: readonly (string | Uint8Array | { readonly json: unknown })[]
  /** What the grammar is made of. */
  readonly words?: readonly string[]
  open(): Take | Promise<Take>
}

export const defineTarget = (target: Omit<Target, 'isTarget'>): Target => Object.freeze({ isTarget: true as const, ...target })
export const isTarget = marked<Target>('isTarget')

/** An input, which depends on nothing but the target and what the random is seeded with. */
export function inputOf({ seeds, words = [] }: Target, random: Random): Buffer {
  const seed = random.pick(seeds)
  const how = { random, words }
  if (typeof seed === 'string' || seed instanceof Uint8Array) return mutateBytes(Buffer.from(seed as string), how)
  const text = Buffer.from(mutateJson(seed.json, how))
  return random.chance(0.2) ? mutateBytes(text, how) : text
}
