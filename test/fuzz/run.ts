import { nextTurn } from '@bramble/shared/async/turns.ts'
import { randomOf } from './random.ts'
import { inputOf, type Target } from './target.ts'

export type Found = { readonly target: string; readonly index: number; readonly input: string; readonly error: unknown }
export type Ran = { readonly inputs: number; readonly found: readonly Found[]; readonly slowestMs: number; readonly slowestIndex: number }

type How = {
  readonly inputs: number
  readonly seed: string
  readonly from?: number
  /** Called before each input. */
  readonly onInput?: (index: number) => void
}

const mostFound = 10

/** Gives a target its inputs. Each is made from the seed and its number alone, so that one can be given again. */
export async function runTarget(target: Target, { inputs, seed, from = 0, onInput }: How): Promise<Ran> {
  const take = await target.open()
  const found: Found[] = []
  let slowestMs = 0
  let slowestIndex = from
  for (let index = from; index < from + inputs && found.length < mostFound; index++) {
    if (index % 512 === 0) await nextTurn()
    onInput?.(index)
    const random = randomOf(`${target.name} ${seed} ${index}`)
    const input = inputOf(target, random)
    const started = process.cpuUsage()
    try {
      await take(input, random)
    } catch (error) {
      found.push({ target: target.name, index, input: shown(input), error })
    }
    const { user, system } = process.cpuUsage(started)
    const ms = (user + system) / 1000
    if (ms <= slowestMs) continue
    slowestMs = ms
    slowestIndex = index
  }
  return { inputs, found, slowestMs, slowestIndex }
}

const shown = (input: Buffer): string => JSON.stringify(input.subarray(0, 600).toString('latin1'))
