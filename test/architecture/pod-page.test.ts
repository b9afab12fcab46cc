import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type PodFacts, podFacts, podPage } from './pod/pod-page.ts'
import { recorded } from './pod/recorded.ts'
import { elsewhere } from './pod/said-by-hand.ts'

describe('an object that is recorded', () => {
  it('tells which fields are read, and of one that is only written out nothing', () => {
    const reads: string[] = []
    const { spec } = recorded({ spec: { containers: [{ name: 'a', image: 'b' }], hostname: 'h' } }, (place) => reads.push(place))
    JSON.stringify(spec)
    expect(spec.containers.map(({ name }) => name)).toEqual(['a'])
    expect(reads).toEqual(['spec', 'spec.containers', 'spec.containers[].name'])
  })
})

describe('a pod', () => {
  let facts: PodFacts
  beforeAll(async () => {
    facts = await podFacts()
  }, 180_000)

  it('has no field that is taken and ignored', () => {
    expect(facts.spec.filter(({ verdict }) => verdict.state === 'ignored').map(({ path }) => path)).toEqual([])
  })

  it('has no field of its status that is left out without a reason', () => {
    expect(facts.status.filter(({ isTold, why }) => !isTold && why === undefined).map(({ path }) => path)).toEqual([])
  })

  it.each(elsewhere)('has $field acted on elsewhere, which a test holds', ({ file, title }) => {
    expect(readFileSync(file, 'utf8')).toContain(title)
  })

  it('is told of in docs/pod.md as the code has it: make it anew with npm run api-page', async () => {
    await expect(podPage(facts)).toMatchFileSnapshot('../../docs/pod.md')
  })
})
