import { describe, expect, test } from 'vitest'
import { changeScript, replaceScript } from './nft-table.ts'
import { ruleset, type RulesetInput } from './ruleset.ts'
import { servicePorts, type LocalPod } from './service-ports.ts'
import { staleFlows } from './conntrack.ts'
import { service, slice } from './testing/objects.ts'

const base: RulesetInput = {
  services: [],
  endpointSlices: [],
  localPods: [],
  node: 'n1',
  instance: 'x',
  podCidr: '10.42.1.0/24',
  clusterCidr: '10.42.0.0/16',
}
const web = service('web', { clusterIP: '10.43.0.10', ports: [{ port: 80 }] })
const webSlice = slice('web', 8080, [
  ['10.42.1.11', 'n1'],
  ['10.42.2.21', 'n2'],
])
const elements = (input: RulesetInput, set: string) => Object.fromEntries(ruleset(input).sets.get(set)?.elements ?? [])
const endpoints = (input: RulesetInput) => servicePorts(input)[0]?.endpoints.map(({ ip }) => ip)

describe('which endpoints serve', () => {
  const of = (...list: Parameters<typeof slice>[2]) => endpoints({ ...base, services: [web], endpointSlices: [slice('web', 8080, list)] })

  test('the ready ones, and those that say nothing', () =>
    expect(of(['10.42.1.1', 'n1', { ready: false }], ['10.42.1.2', 'n1', {}], ['10.42.1.3', 'n2', { ready: true }])).toEqual([
      '10.42.1.2',
      '10.42.1.3',
    ]))
  test('the terminating ones that still answer, when none is ready', () =>
    expect(
      of(
        ['10.42.1.1', 'n1', { ready: false, serving: true, terminating: true }],
        ['10.42.1.2', 'n1', { ready: false, serving: false, terminating: true }],
        ['10.42.1.3', 'n1', { ready: false }],
      ),
    ).toEqual(['10.42.1.1']))
  test('one that is in two slices counts once', () =>
    expect(endpoints({ ...base, services: [web], endpointSlices: [webSlice, webSlice] })).toEqual(['10.42.1.11', '10.42.2.21']))
  test("a local pod's own address and readiness come before what the slice says", () => {
    const pod: LocalPod = { uid: 'u1', ip: '10.42.1.99', ready: true, hostPorts: [] }
    const old = slice('web', 8080, [['10.42.1.11', 'n1', { ready: false }, 'u1']])
    expect(endpoints({ ...base, services: [web], endpointSlices: [old], localPods: [pod] })).toEqual(['10.42.1.99'])
    const fresh = slice('web', 8080, [['10.42.1.11', 'n1', { ready: true }, 'u1']])
    expect(endpoints({ ...base, services: [web], endpointSlices: [fresh], localPods: [{ ...pod, ready: false }] })).toEqual([])
  })
  test('a local pod that is being deleted gives way at once, but not to nobody', () => {
    const pod: LocalPod = { uid: 'u1', ip: '10.42.1.11', ready: true, terminating: true, hostPorts: [] }
    const own = ['10.42.1.11', 'n1', {}, 'u1'] as const
    const of = (...list: Parameters<typeof slice>[2]) =>
      endpoints({ ...base, services: [web], endpointSlices: [slice('web', 8080, list)], localPods: [pod] })
    expect(of(own, ['10.42.2.21', 'n2'])).toEqual(['10.42.2.21'])
    expect(of(own)).toEqual(['10.42.1.11'])
  })
  test('of its own port, by name and protocol', () => {
    const named = service('web', { clusterIP: '10.43.0.10', ports: [{ name: 'http', port: 80 }] })
    expect(endpoints({ ...base, services: [named], endpointSlices: [webSlice] })).toEqual([])
  })
})

describe('which Services are served', () => {
  const isServed = (spec: object, labels?: Record<string, string>) => {
    const made = service('web', { clusterIP: '10.43.0.10', ports: [{ port: 80 }], ...spec })
    if (labels) made.metadata.labels = labels
    return servicePorts({ ...base, services: [made] }).length === 1
  }
  test('a ClusterIP', () => expect(isServed({})).toBe(true))
  test('no headless one', () => expect(isServed({ clusterIP: 'None' })).toBe(false))
  test('no ExternalName', () => expect(isServed({ type: 'ExternalName' })).toBe(false))
  test("not another proxy's", () => expect(isServed({}, { 'service.kubernetes.io/service-proxy-name': 'other' })).toBe(false))
})

describe('where addresses lead', () => {
  test('external addresses, those of a load balancer and node ports lead where the ClusterIP does', () => {
    const balanced = service('web', {
      clusterIP: '10.43.0.10',
      type: 'LoadBalancer',
      nodePort: 30080,
      externalIPs: ['198.51.100.7'],
      ports: [{ port: 80 }],
    })
    Object.assign(balanced, { status: { loadBalancer: { ingress: [{ ip: '198.51.100.8' }, { ip: '198.51.100.9', ipMode: 'Proxy' }] } } })
    const input = { ...base, services: [balanced], endpointSlices: [webSlice] }
    const services = elements(input, 'services')
    expect(Object.keys(services)).toEqual(['10.43.0.10 . tcp . 80', '198.51.100.7 . tcp . 80', '198.51.100.8 . tcp . 80'])
    expect(new Set([...Object.values(services), ...Object.values(elements(input, 'node-ports'))]).size).toBe(1)
  })

  test('a Service without endpoints is refused, and one whose policy keeps it local is silent', () => {
    expect(elements({ ...base, services: [web] }, 'refused-services')).toEqual({ '10.43.0.10 . tcp . 80': 'goto refuse-with-error' })
    const local = service('web', { clusterIP: '10.43.0.10', internalTrafficPolicy: 'Local', ports: [{ port: 80 }] })
    const elsewhere = [slice('web', 8080, [['10.42.2.21', 'n2']])]
    expect(elements({ ...base, services: [local], endpointSlices: elsewhere }, 'refused-services')).toEqual({
      '10.43.0.10 . tcp . 80': 'drop',
    })
  })

  test('internalTrafficPolicy Local leads to local endpoints only', () => {
    const local = service('web', { clusterIP: '10.43.0.10', internalTrafficPolicy: 'Local', ports: [{ port: 80 }] })
    const table = ruleset({ ...base, services: [local], endpointSlices: [webSlice] })
    const [, chain = ''] = (table.sets.get('services')?.elements.get('10.43.0.10 . tcp . 80') ?? '').split(' ')
    expect(table.chains.get(chain)?.rules).toEqual(['meta l4proto tcp dnat ip to 10.42.1.11:8080'])
  })

  test('the first of two that want one node port has it', () => {
    const pod: LocalPod = { uid: 'u', ip: '10.42.1.5', ready: true, hostPorts: [{ protocol: 'TCP', hostPort: 30080, containerPort: 80 }] }
    const taken = service('web', { clusterIP: '10.43.0.10', type: 'NodePort', nodePort: 30080, ports: [{ port: 80 }] })
    const input = { ...base, services: [taken], endpointSlices: [webSlice], localPods: [pod] }
    expect(elements(input, 'node-ports')['tcp . 30080']).toMatch(/^goto svc-/)
  })

  test('all names are legal in nftables, whatever the Service is called', () => {
    const long = service('x'.repeat(63), { clusterIP: '10.43.0.10', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] })
    const table = ruleset({ ...base, services: [long], endpointSlices: [slice('x'.repeat(63), 8080, [['10.42.1.11', 'n1']])] })
    for (const name of [...table.chains.keys(), ...table.sets.keys()]) expect(name).toMatch(/^[a-z][\w./-]{0,250}$/)
  })
})

describe('what is sent to the kernel', () => {
  const thousand = Array.from({ length: 1000 }, (_, index) =>
    service(`s${index}`, { clusterIP: `10.43.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`, ports: [{ port: 80 }] }),
  )
  const slices = thousand.map(({ metadata }) => slice(metadata.name, 8080, [['10.42.1.11', 'n1'], ['10.42.2.21', 'n2']])) // prettier-ignore
  const before = ruleset({ ...base, services: thousand, endpointSlices: slices })

  test('nothing when nothing changed', () => {
    expect(changeScript(before, ruleset({ ...base, services: thousand, endpointSlices: slices.toReversed() }))).toBe('')
  })

  test('one chain when one of a thousand Services lost an endpoint', () => {
    const [, ...rest] = slices
    const after = ruleset({ ...base, services: thousand, endpointSlices: [slice('s0', 8080, [['10.42.2.21', 'n2']]), ...rest] })
    const lines = changeScript(before, after).trim().split('\n')
    expect(lines.filter((line) => line.includes('chain'))).toHaveLength(1)
    expect(lines.length).toBeLessThan(6)
  })

  test('elements before their chains go, and chains before elements come', () => {
    const one = ruleset({ ...base, services: [web], endpointSlices: [webSlice] })
    const none = ruleset(base)
    const verbs = (script: string) => script.split('\n').filter((line) => /svc-|services/.test(line)).map((line) => line.split(' ').slice(0, 2).join(' ')) // prettier-ignore
    expect(verbs(changeScript(none, one))).toEqual(['add chain', 'add rule', 'add rule', 'add element'])
    expect(verbs(changeScript(one, none))).toEqual(['delete element', 'flush chain', 'delete chain'])
  })

  test('a whole table replaces whatever stood there', () => {
    expect(replaceScript(before).split('\n').slice(0, 3)).toEqual([
      'add table inet bramble_x',
      'delete table inet bramble_x',
      'add table inet bramble_x',
    ])
  })
})

describe('which UDP flows are forgotten', () => {
  const dns = service('dns', { clusterIP: '10.43.0.10', type: 'NodePort', nodePort: 30053, ports: [{ port: 53, protocol: 'UDP' }] })
  const ports = (...list: Parameters<typeof slice>[2]) =>
    servicePorts({ ...base, services: [dns], endpointSlices: [slice('dns', 53, list, 'UDP')] })

  test('those to an endpoint that left, by every address', () =>
    expect(staleFlows(ports(['10.42.1.1', 'n1'], ['10.42.1.2', 'n1']), ports(['10.42.1.2', 'n1']))).toEqual([
      { originalAddress: '10.43.0.10', originalPort: 53, endpointAddress: '10.42.1.1' },
      { originalPort: 30053, endpointAddress: '10.42.1.1' },
    ]))
  test('those from before there was an endpoint', () =>
    expect(staleFlows(ports(), ports(['10.42.1.2', 'n1']))).toEqual([
      { originalAddress: '10.43.0.10', originalPort: 53 },
      { originalPort: 30053 },
    ]))
  test('none when an endpoint came', () =>
    expect(staleFlows(ports(['10.42.1.1', 'n1']), ports(['10.42.1.1', 'n1'], ['10.42.1.2', 'n1']))).toEqual([]))
})
