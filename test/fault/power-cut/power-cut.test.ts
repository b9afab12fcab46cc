import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { cutPower, type StartAgain } from './power-cuts.ts'
import { buildProduct } from './product.ts'
import { recordLife } from './record-life.ts'
import { startAgain } from './start-again.ts'
import { recordAgentProcess, startAgentAgain, startAgentBed } from './whole-agent.ts'
import { recordHubProcess, startHubAgain } from './whole-hub.ts'

const isRoot = process.getuid?.() === 0
const canCompile = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

describe.skipIf(!canCompile)(`power cuts${canCompile ? '' : ' (needs Linux and a C compiler: apt install g++)'}`, () => {
  // 1,000 by `npm run power-cuts`.
  test.each(['hub', 'agent'] as const)(
    'the %s starts alone after a power cut at any point, and nothing that was acknowledged is lost or torn',
    async (role) => {
      const operations = await recordLife(role, 1)
      const { failures } = await cutPower({ operations, startAgain: startAgain[role], cuts: 30, seed: 2 })
      expect(failures).toEqual([])
    },
    120_000,
  )

  test('the hub as it is shipped comes up alone after a power cut, and its API has all it acknowledged', async () => {
    using product = buildProduct()
    const operations = await recordHubProcess(product, 1)
    const again: StartAgain = (home, expected) => startHubAgain(product, home, expected)
    const { failures } = await cutPower({ operations, startAgain: again, cuts: 4, seed: 3 })
    expect(failures).toEqual([])
  }, 180_000)

  test.skipIf(!isRoot)(
    `the agent as it is shipped comes up alone after a power cut, and is heard as who it was${isRoot ? '' : ' (needs root)'}`,
    async () => {
      using product = buildProduct()
      await using bed = await startAgentBed(product)
      const operations = await recordAgentProcess(bed, product, 1)
      const again: StartAgain = (home, expected) => startAgentAgain(bed, home, expected)
      const { failures } = await cutPower({ operations, startAgain: again, cuts: 4, seed: 3 })
      expect(failures).toEqual([])
    },
    180_000,
  )
})
