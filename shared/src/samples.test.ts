import { expect, it } from 'vitest'
import { splitSamples } from './samples.ts'

it('forgets up to where the store stood when the time to keep began', () => {
  const samples = [
    { at: 0, revision: 10 },
    { at: 100, revision: 20 },
    { at: 200, revision: 30 },
  ]
  expect(splitSamples(samples, -1)).toEqual({ revision: undefined, kept: samples })
  expect(splitSamples(samples, 150)).toEqual({ revision: 20, kept: [samples[2]] })
})
