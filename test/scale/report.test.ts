import { expect, it } from 'vitest'
import { reportOf } from './report.ts'

it('a report has a line for each figure, with its floor where there is one', () => {
  const report = reportOf('2026-01-02', '2 cores', [
    { figure: '1000 Nodes:   hub RSS after', value: 123.4, unit: 'MiB', aim: '≤ 130 MiB' },
    { figure: 'LIST', value: 0.54, unit: 'ms', floor: 0.25, floorIs: 'an empty answer', aim: '≤ 5 ms' },
  ])
  expect(report).toContain('# Scale, 2026-01-02')
  expect(report).toContain('| 1000 Nodes: hub RSS after | 123 MiB |  | ≤ 130 MiB |')
  expect(report).toContain('| LIST | 0.540 ms | 0.250 ms (an empty answer) | ≤ 5 ms |')
})
