import { describe, expect, it } from 'vitest'
import { limitRanges } from './limit-range.ts'
import { resourceQuotas } from './resource-quota.ts'
import { created, refusals, row, updateRefusals } from './rules/testing.ts'

const quota = (spec: object = {}) => ({ metadata: { name: 'q' }, spec: { hard: { pods: '2' }, ...spec } })
const select = (...matchExpressions: object[]) => ({ scopeSelector: { matchExpressions } })
const selected = 'spec.scopeSelector.matchExpressions'

describe('a resource quota', () => {
  it.each<[string, object, string[]]>([
    [
      'every name that there is',
      { hard: { 'requests.cpu': '1', 'limits.memory': '1Gi', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1', 'count/jobs.batch': '3' } },
      [],
    ],
    [
      'a name that nobody counts',
      { hard: { storage: '1', other: '1' } },
      [
        'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
        'spec.hard[other]: Invalid value: "other": must be a standard resource type or fully qualified',
        'spec.hard[other]: Invalid value: "other": must be a standard resource for quota',
      ],
    ],
    [
      'amounts that cannot be',
      { hard: { pods: '1500m', cpu: '-1' } },
      [
        'spec.hard[pods]: Invalid value: "1500m": must be an integer',
        'spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    ['a scope that nobody knows', { scopes: ['Some'] }, ['spec.scopes: Invalid value: ["Some"]: unsupported scope']],
    [
      'scopes against each other',
      { scopes: ['BestEffort', 'NotBestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      'a scope of what has none',
      { hard: { services: '1' }, scopes: ['Terminating'] },
      ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ],
    [
      'a selector of a class without one',
      select({ scopeName: 'PriorityClass', operator: 'In' }, { scopeName: 'BestEffort', operator: 'DoesNotExist' }),
      [
        `${selected}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`,
        `${selected}.operator: Invalid value: "DoesNotExist": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      ],
    ],
    [
      'a selector with too much in it',
      select({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }, { scopeName: 'Other', operator: 'Is' }),
      [
        `${selected}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exists' or 'DoesNotExist' for scope selector`,
        `${selected}.scopeName: Invalid value: "Other": unsupported scope`,
        `${selected}.operator: Invalid value: "Is": not a valid selector operator`,
      ],
    ],
  ])('of %s', (_what, spec, expected) => {
    expect(refusals(resourceQuotas, quota(spec))).toEqual(expected)
  })

  it('keeps its scopes, and is printed with what is used', () => {
    const object = created(resourceQuotas, { ...quota({ scopes: ['Terminating', 'NotBestEffort'] }), status: { used: { pods: '1' } } })
    expect(object.status).toEqual({})
    const scopes = (...all: string[]) =>
      updateRefusals(resourceQuotas, object, ({ spec }) => void Object.assign(spec ?? {}, { scopes: all }))
    expect(scopes('NotBestEffort', 'Terminating')).toEqual([])
    expect(scopes('Terminating')).toEqual(['spec.scopes: Invalid value: ["Terminating"]: field is immutable'])
    object.status = { hard: { pods: '2', 'requests.cpu': '1', 'limits.cpu': '2' }, used: { pods: '1' } }
    expect(row(resourceQuotas, object)).toEqual(['q', 'pods: 1/2, requests.cpu: 0/1', 'limits.cpu: 0/2', undefined])
  })
})

describe('a limit range', () => {
  const range = (...limits: object[]) => ({ metadata: { name: 'l' }, spec: { limits } })
  const first = 'spec.limits[0]'

  it('fills in of containers what follows from the rest', () => {
    const [item] =
      created(limitRanges, range({ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' }, default: { memory: '4Mi' } })).spec
        ?.limits ?? []
    expect(item).toMatchObject({ default: { cpu: '2', memory: '4Mi' }, defaultRequest: { cpu: '2', memory: '4Mi' } })
    expect(created(limitRanges, range({ type: 'Pod', max: { cpu: '2' } })).spec?.limits).toEqual([{ type: 'Pod', max: { cpu: '2' } }])
  })

  it.each<[string, object[], string[]]>([
    [
      'a type that nobody knows',
      [{ type: 'Node' }],
      [`${first}.type: Invalid value: "Node": must be a standard limit type or fully qualified`],
    ],
    ['a type twice', [{ type: 'Pod' }, { type: 'Pod' }], ['spec.limits[1].type: Duplicate value: "Pod"']],
    [
      'defaults of pods',
      [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }],
      ['default', 'defaultRequest'].map((name) => `${first}.${name}: Forbidden: may not be specified when \`type\` is 'Pod'`),
    ],
    [
      'claims without a bound',
      [{ type: 'PersistentVolumeClaim' }],
      [`${first}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`],
    ],
    [
      'a resource of nobody',
      [{ type: 'Pod', max: { apples: '1' } }],
      [`${first}.max[apples]: Invalid value: "apples": must be a standard resource for containers`],
    ],
    [
      'bounds the wrong way round',
      [{ type: 'Pod', min: { cpu: '2' }, max: { cpu: '1' } }],
      [`${first}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`],
    ],
    [
      'a default out of bounds',
      [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '500m' } }],
      [`${first}.default[cpu]: Invalid value: "1": default value 2 is greater than max value 1`],
    ],
    [
      'ratios that cannot be',
      [{ type: 'Pod', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '3', memory: '500m' } }],
      [
        `${first}.maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000`,
        `${first}.maxLimitRequestRatio[memory]: Invalid value: "500m": ratio 500m is less than 1`,
      ],
    ],
  ])('is refused for %s', (_why, limits, expected) => {
    expect(refusals(limitRanges, range(...limits))).toEqual(expected)
  })

  it('is printed with when it was made', () => {
    const metadata = { name: 'l', creationTimestamp: '2026-01-01T00:00:00Z' }
    expect(row(limitRanges, created(limitRanges, { metadata, spec: {} }))).toEqual(['l', '2026-01-01T00:00:00Z'])
  })
})
