import { describe, expect, it } from 'vitest'
import { type Condition, findCondition, isConditionTrue, setCondition } from './condition.ts'

describe('setting a condition', () => {
  const then = '2026-01-01T00:00:00Z'
  const now = new Date('2026-02-02T00:00:00Z')
  const seen: Condition[] = [{ type: 'Ready', status: 'True', reason: 'Up', message: 'up', lastTransitionTime: then }]

  it('moves the transition time only when the status changes', () => {
    const reworded = setCondition(seen, { type: 'Ready', status: 'True', reason: 'Fine', message: 'up' }, now)
    expect(reworded).toEqual([{ type: 'Ready', status: 'True', reason: 'Fine', message: 'up', lastTransitionTime: then }])
    const down = setCondition(seen, { type: 'Ready', status: 'False', reason: 'Down', message: 'down' }, now)
    expect(down).toEqual([{ type: 'Ready', status: 'False', reason: 'Down', message: 'down', lastTransitionTime: '2026-02-02T00:00:00Z' }])
  })

  it('gives the same array back when nothing changes', () => {
    expect(setCondition(seen, { type: 'Ready', status: 'True', reason: 'Up', message: 'up' }, now)).toBe(seen)
  })

  it('adds what was not there', () => {
    const both = setCondition(seen, { type: 'Disk', status: 'Unknown', reason: 'New', message: '' }, now)
    expect(both.map(({ type }) => type)).toEqual(['Ready', 'Disk'])
    expect(findCondition(both, 'Disk')?.lastTransitionTime).toBe('2026-02-02T00:00:00Z')
    expect(isConditionTrue(both, 'Ready')).toBe(true)
    expect(isConditionTrue(undefined, 'Ready')).toBe(false)
  })
})
