import { describe, expect, it } from 'vitest'
import { priorityClasses } from './priority-class.ts'
import { created, refusals, row, updateRefusals } from './rules/testing.ts'
import { runtimeClasses } from './runtime-class.ts'

const of = (name: string, value?: number, more: object = {}) => ({ metadata: { name }, value, ...more })
const reserved = "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error:"

describe('a PriorityClass', () => {
  it.each([
    [of('high', 1_000_000_000), []],
    [of('low', -5), []],
    [of('high', 1_000_000_001), ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
    [of('system-x', 1), [`${reserved} system-x is not a known system priority class`]],
    [of('system-node-critical', 5), [`${reserved} value of system-node-critical PriorityClass must be 2000001000`]],
    [of('system-node-critical', 2_000_001_000), []],
    [
      of('system-cluster-critical', 2_000_000_000, { globalDefault: true }),
      [`${reserved} globalDefault of system-cluster-critical PriorityClass must be false`],
    ],
  ])('%j is told: %j', (input, errors) => {
    expect(refusals(priorityClasses, input)).toEqual(errors)
  })

  it('changes neither its value nor whether it preempts', () => {
    const before = created(priorityClasses, of('high', 5))
    expect(row(priorityClasses, before)).toEqual(['high', 5, false, undefined, 'PreemptLowerPriority'])
    expect(
      updateRefusals(priorityClasses, before, (next) => Object.assign(next, { value: 6, preemptionPolicy: 'Never', description: 'x' })),
    ).toEqual(['value: Forbidden: may not be changed in an update.', 'preemptionPolicy: Invalid value: "Never": field is immutable'])
  })
})

describe('a RuntimeClass', () => {
  it.each([
    [{ handler: 'kata' }, []],
    [{ handler: '' }, [expect.stringContaining('handler: Invalid value: "": a lowercase RFC 1123 label must consist')]],
    [
      { handler: 'k', scheduling: { nodeSelector: { 'a b': 'c' }, tolerations: [{ operator: 'Exists', value: 'x', key: 'k' }] } },
      [
        expect.stringContaining('scheduling.nodeSelector: Invalid value: "a b"'),
        expect.stringContaining(
          'scheduling.tolerations.tolerations[0].operator: Invalid value: {"key":"k","operator":"Exists","value":"x"}: value must be empty',
        ),
      ],
    ],
    [
      { handler: 'k', overhead: { podFixed: { cpu: '-1' } } },
      ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ])('%j is told: %j', (input, errors) => {
    expect(refusals(runtimeClasses, { metadata: { name: 'r' }, ...input })).toEqual(errors)
  })

  it('keeps its handler', () => {
    const before = created(runtimeClasses, { metadata: { name: 'r' }, handler: 'kata' })
    expect(updateRefusals(runtimeClasses, before, (next) => void (next.handler = 'runc'))).toEqual([
      'handler: Invalid value: "runc": field is immutable',
    ])
  })
})
