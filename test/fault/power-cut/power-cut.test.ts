import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { cutPower } from './power-cuts.ts'
import { recordLife } from './record-life.ts'

const canCompile = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0

describe.skipIf(!canCompile)(`power cuts${canCompile ? '' : ' (needs Linux and a C compiler: apt install g++)'}`, () => {
  // 1,000 by `npm run power-cuts`.
  test.each(['hub', 'agent'] as const)(
    'the %s starts alone after a power cut at any point, and nothing that was acknowledged is lost or torn',
    async (role) => {
      const operations = await recordLife(role, 1)
      const { failures } = await cutPower(role, operations, { cuts: 30, seed: 2 })
      expect(failures).toEqual([])
    },
    120_000,
  )
})
