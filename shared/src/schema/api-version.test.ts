import { expect, it } from 'vitest'
import { groupOf, newestFirst } from './api-version.ts'

it('versions stand in the order in which Kubernetes prefers them, and what is no version by its letters after them', () => {
  const ordered = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10', 'v01', 'v1gamma1']
  expect(ordered.toReversed().sort(newestFirst)).toEqual(ordered)
})

it('the core group has none in its versions', () => {
  expect(['v1', 'apps/v1'].map(groupOf)).toEqual(['', 'apps'])
})
