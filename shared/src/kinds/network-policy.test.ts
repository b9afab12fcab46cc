import { describe, expect, it } from 'vitest'
import { networkPolicies } from './network-policy.ts'
import { podDisruptionBudgets } from './pod-disruption-budget.ts'
import { created, refusals, row, updateRefusals } from './rules/testing.ts'

describe('a network policy', () => {
  const policy = (spec: object = {}) => ({ metadata: { name: 'p' }, spec })
  const from = (...peers: object[]) => ({ ingress: [{ from: peers }] })
  const ports = (...all: object[]) => ({ egress: [{ ports: all }] })
  const peer = 'spec.ingress[0].from[0]'
  const port = 'spec.egress[0].ports'

  it('is about the directions that it has rules for', () => {
    expect(created(networkPolicies, policy()).spec).toEqual({ podSelector: {}, policyTypes: ['Ingress'] })
    expect(created(networkPolicies, policy(ports({ port: 53 }))).spec).toMatchObject({
      egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
      policyTypes: ['Ingress', 'Egress'],
    })
    expect(created(networkPolicies, policy({ policyTypes: ['Egress'] })).spec.policyTypes).toEqual(['Egress'])
  })

  it.each<[string, object, string[]]>([
    ['a peer that is nobody', from({}), [`${peer}: Required value: must specify a peer`]],
    [
      'a peer by two means',
      from({ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }),
      [`${peer}: Forbidden: may not specify both ipBlock and another peer`],
    ],
    ['addresses that are not told', from({ ipBlock: {} }), [`${peer}.ipBlock.cidr: Required value`]],
    [
      'addresses that are none',
      from({ ipBlock: { cidr: '10.0.0.0' } }),
      [`${peer}.ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)`],
    ],
    [
      'exceptions from outside',
      from({ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/16', '10.0.0.0/8', '10.1.0.0/16', 'fd00::/8'] } }),
      ['[0]: Invalid value: "11.0.0.0/16"', '[1]: Invalid value: "10.0.0.0/8"', '[3]: Invalid value: "fd00::/8"'].map(
        (text) => `${peer}.ipBlock.except${text}: must be a strict subset of \`cidr\``,
      ),
    ],
    [
      'a selector that selects nothing',
      from({ podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
      [`${peer}.podSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
    ],
    [
      'ports that are none',
      ports({ port: 0 }, { port: 'UPPER_' }, { protocol: 'ICMP' }),
      [
        `${port}[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`,
        `${port}[1].port: Invalid value: "UPPER_": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)`,
        `${port}[1].port: Invalid value: "UPPER_": must contain at least one letter (a-z)`,
        `${port}[2].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`,
      ],
    ],
    [
      'ports that end before they begin',
      ports({ port: 80, endPort: 79 }, { port: 'web', endPort: 80 }, { endPort: 80 }),
      [
        `${port}[0].endPort: Invalid value: 79: must be greater than or equal to \`port\``,
        `${port}[1].endPort: Invalid value: 80: may not be specified when \`port\` is non-numeric`,
        `${port}[2].endPort: Invalid value: 80: may not be specified when \`port\` is not specified`,
      ],
    ],
    [
      'a direction that nobody knows',
      { policyTypes: ['Up'] },
      ['spec.policyTypes[0]: Unsupported value: "Up": supported values: "Egress", "Ingress"'],
    ],
    [
      'directions without end',
      { policyTypes: ['Egress', 'Ingress', 'Egress'] },
      ['spec.policyTypes: Invalid value: ["Egress","Ingress","Egress"]: may not specify more than two policyTypes'],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(networkPolicies, policy(spec))).toEqual(expected)
  })

  it('says whom it is about', () => {
    const object = created(networkPolicies, policy({ podSelector: { matchLabels: { app: 'db' } } }))
    expect(row(networkPolicies, object)).toEqual(['p', 'app=db', undefined])
    expect(row(networkPolicies, created(networkPolicies, policy()))).toEqual(['p', '<none>', undefined])
  })
})

describe('a disruption budget', () => {
  const budget = (spec: object = {}) => ({ metadata: { name: 'b' }, spec })

  it.each<[string, object, string[]]>([
    [
      'two bounds',
      { minAvailable: 1, maxUnavailable: 1 },
      ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set'],
    ],
    ['less than nothing', { minAvailable: -1 }, ['spec.minAvailable: Invalid value: -1: must be greater than or equal to 0']],
    ['more than all', { maxUnavailable: '101%' }, ['spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%']],
    [
      'a share that is none',
      { maxUnavailable: 'some' },
      [
        `spec.maxUnavailable: Invalid value: "some": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
      ],
    ],
    [
      'another policy',
      { unhealthyPodEvictionPolicy: 'Never' },
      ['spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"'],
    ],
  ])('is refused for %s', (_why, spec, expected) => {
    expect(refusals(podDisruptionBudgets, budget(spec))).toEqual(expected)
  })

  it('is printed with its bounds, and its status is told by its controller', () => {
    const object = created(podDisruptionBudgets, { ...budget({ minAvailable: '50%' }), status: { disruptionsAllowed: 7 } })
    expect(object.status).toEqual({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 })
    expect(row(podDisruptionBudgets, object)).toEqual(['b', '50%', 'N/A', 0, undefined])
    const pods = {
      disruptedPods: { p: '2026-01-01T00:00:00+01:00' },
      disruptionsAllowed: -1,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
    }
    expect(updateRefusals(podDisruptionBudgets, object, (next) => void (next.status = pods))).toEqual([
      'status.disruptionsAllowed: Invalid value: -1: must be greater than or equal to 0',
    ])
  })
})
