import { expect, it } from 'vitest'
import { targets } from './all-targets.ts'
import { runTarget } from './run.ts'

/** `npm run fuzz` gives each a million, under a watchdog. */
const inputs = 10_000

it.each(targets.map((target) => [target.name, target] as const))(
  '%s takes or refuses whatever comes',
  async (_name, target) => {
    const { found } = await runTarget(target, { inputs, seed: 'ci' })
    expect(found).toEqual([])
  },
  120_000,
)
