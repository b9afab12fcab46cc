import { expect, it } from 'vitest'
import { saysTheSame } from './status-patch.ts'

it('a status is the same with the nulls and empty structs that the API has where nothing was said', () => {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] } as const
  const answered = {
    ...status,
    conditions: [{ ...status.conditions[0], lastProbeTime: null, lastTransitionTime: null }],
    containerStatuses: undefined,
  } as unknown as Parameters<typeof saysTheSame>[1]
  expect(saysTheSame({ ...status, conditions: [...status.conditions], containerStatuses: [] }, answered)).toBe(true)
  expect(saysTheSame({ phase: 'Pending', conditions: [...status.conditions] }, answered)).toBe(false)
})
