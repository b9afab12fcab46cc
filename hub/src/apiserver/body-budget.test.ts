import { describe, expect, it } from 'vitest'
import { createBodyBudget } from './body-budget.ts'

describe('the memory for request bodies', () => {
  it('is given until it is used up, and again when it comes back', () => {
    const budget = createBodyBudget(10)
    expect([budget.take(6), budget.take(5), budget.take(4), budget.take(1)]).toEqual([true, false, true, false])
    budget.giveBack(6)
    expect(budget.take(6)).toBe(true)
  })
})
