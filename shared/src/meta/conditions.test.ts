import { expect, test } from 'vitest'
import { findCondition, isConditionTrue } from './conditions.ts'

test('a condition is found by its type, and true only when it says so', () => {
  const conditions = [
    { type: 'Ready', status: 'True' },
    { type: 'Disk', status: 'Unknown' },
  ]
  expect(findCondition(conditions, 'Disk')?.status).toBe('Unknown')
  expect(findCondition(conditions, 'Memory')).toBeUndefined()
  expect(['Ready', 'Disk', 'Memory'].map((type) => isConditionTrue(conditions, type))).toEqual([true, false, false])
  expect(isConditionTrue(undefined, 'Ready')).toBe(false)
})
