import { expect, it } from 'vitest'
import { splitSamples } from './samples.ts'

it('forgets up to where the store stood when the time to keep began', () => {
  const samples = [
    { at: 0, stood: 10 },
    { at: 100, stood: 20 },
    { at: 200, stood: 30 },
  ]
  expect(splitSamples(samples, -1)).toEqual({ newest: undefined, kept: samples })
  expect(splitSamples(samples, 150)).toEqual({ newest: 20, kept: [samples[2]] })
})
