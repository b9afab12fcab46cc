import { describe, expect, test } from 'vitest'
import { changeScript, replaceScript } from './nft-table.ts'
import { ruleset, type RulesetInput } from './ruleset.ts'
import { servicePorts, type LocalPod, type ServicePort } from './service-ports.ts'
import { flowsOfEarlierLife, staleFlows, type Served, type StaleFlow } from './conntrack.ts'
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

  const stale = (before: Served['ports'], after: Served['ports']) => staleFlows({ ports: before }, { ports: after })

  test('those to an endpoint that left, by every address', () =>
    expect(stale(ports(['10.42.1.1', 'n1'], ['10.42.1.2', 'n1']), ports(['10.42.1.2', 'n1']))).toEqual([
      { originalAddress: '10.43.0.10', originalPort: 53, endpointAddress: '10.42.1.1' },
      { originalPort: 30053, endpointAddress: '10.42.1.1' },
    ]))
  test('those from before there was an endpoint', () =>
    expect(stale(ports(), ports(['10.42.1.2', 'n1']))).toEqual([
      { originalAddress: '10.43.0.10', originalPort: 53 },
      { originalPort: 30053 },
    ]))
  test('none when an endpoint came', () =>
    expect(stale(ports(['10.42.1.1', 'n1']), ports(['10.42.1.1', 'n1'], ['10.42.1.2', 'n1']))).toEqual([]))
  test('those of a Service that comes or goes, by every way: a sender may have been there first', () => {
    const both = [{ originalAddress: '10.43.0.10', originalPort: 53 }, { originalPort: 30053 }]
    expect(stale([], ports(['10.42.1.1', 'n1']))).toEqual(both)
    expect(stale(ports(['10.42.1.1', 'n1']), [])).toEqual(both)
    expect(stale([], ports())).toEqual([])
  })

  const one = ports(['10.42.1.1', 'n1'])
  const changed = (change: Partial<ServicePort>) => one.map((port) => ({ ...port, ...change }))
  test.each<[string, Partial<ServicePort>, StaleFlow[]]>([
    ['an external IP that comes', { externalIPs: ['203.0.113.7'] }, [{ originalAddress: '203.0.113.7', originalPort: 53 }]],
    ["a load balancer's IP that comes", { balancerIPs: ['203.0.113.8'] }, [{ originalAddress: '203.0.113.8', originalPort: 53 }]],
    ['a node port that moves', { nodePort: 30054 }, [{ originalPort: 30053 }, { originalPort: 30054 }]],
    ['clients that are shut out', { sourceRanges: ['10.0.0.0/8'] }, [{ originalPort: 30053 }]],
    [
      'a policy that leaves outsiders no endpoint',
      { externalLocal: true, localEndpoints: [] },
      [{ originalPort: 30053, endpointAddress: '10.42.1.1' }],
    ],
  ])('%s', (_name, change, flows) => expect(stale(one, changed(change))).toEqual(flows))

  test("those of a pod's host port when it comes, moves to another pod, or goes", () => {
    const pod = (ip: string | undefined, hostIP?: string): Served => {
      const port = { protocol: 'UDP', hostPort: 5140, containerPort: 5000, ...(hostIP !== undefined && { hostIP }) } as const
      return { ports: [], pods: [{ uid: 'u', ready: false, ...(ip !== undefined && { ip }), hostPorts: [port] }] }
    }
    const none: Served = { ports: [] }
    expect(staleFlows(none, pod('10.42.1.1'))).toEqual([{ originalPort: 5140 }])
    expect(staleFlows(pod(undefined), pod('10.42.1.1'))).toEqual([{ originalPort: 5140 }])
    expect(staleFlows(pod('10.42.1.1'), pod('10.42.1.2'))).toEqual([{ originalPort: 5140, endpointAddress: '10.42.1.1' }])
    expect(staleFlows(pod('10.42.1.1'), none)).toEqual([{ originalPort: 5140 }])
    expect(staleFlows(none, pod('10.42.1.1', '192.168.1.7'))).toEqual([{ originalAddress: '192.168.1.7', originalPort: 5140 }])
    expect(flowsOfEarlierLife(pod('10.42.1.1'))).toEqual([{ originalPort: 5140 }])
    expect(flowsOfEarlierLife({ ports: ports(['10.42.1.1', 'n1'], ['10.42.1.2', 'n1']) })).toEqual([])
  })
})

test('a Service that asks for hundreds of thousands of rules is left out and told, and the rest stays', () => {
  const ports = Array.from({ length: 250 }, (_, i) => ({ name: `p${i}`, port: 1 + i }))
  const addresses = Array.from({ length: 1_000 }, (_, i) => [`10.42.${2 + (i >> 8)}.${i & 255}`, 'n2'] as const)
  const fat = Array.from({ length: 40 }, (_, i) => service(`fat-${i}`, { clusterIP: `10.43.1.${i + 1}`, ports }))
  const slices = fat.map(({ metadata }) => ({
    ...slice(metadata.name, 8080, addresses),
    ports: ports.map(({ name, port }) => ({ name, port })),
  }))
  const sentences: string[] = []
  const input = { ...base, services: [...fat, web], endpointSlices: [...slices, webSlice] }
  const served = servicePorts({ ...input, skip: (sentence) => sentences.push(sentence) })
  expect(served.map(({ name }) => name)).toEqual(['default/web'])
  expect(sentences).toHaveLength(40)
  expect(sentences[0]).toMatch(/^Service default\/fat-\d+ is left out: its 250 ports .* have 250250 parts/)
})

describe('what cannot be a part of a rule is left out and told, and the rest stays', () => {
  const told = (input: RulesetInput) => {
    const sentences = new Set<string>()
    const given = { ...input, skip: (sentence: string) => void sentences.add(sentence) }
    const table = ruleset(given)
    return { sentences: [...sentences], script: replaceScript(table), endpoints: servicePorts(given)[0]?.endpoints.map(({ ip }) => ip) }
  }

  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '224.0.0.1',
    '0.0.0.0',
    '255.255.255.255',
    'fd00::1',
    '::1',
    'not an ip',
    '10.42.1.011',
    '10.42.1.5; drop',
  ])('the endpoint %j', (address) => {
    const { sentences, script, endpoints } = told({
      ...base,
      services: [web],
      endpointSlices: [
        slice('web', 8080, [
          [address, 'n2'],
          ['10.42.1.11', 'n1'],
        ]),
      ],
    })
    expect(endpoints).toEqual(['10.42.1.11'])
    expect(sentences).toEqual([expect.stringContaining(`endpoint ${JSON.stringify(address)} of EndpointSlice default/web-1 is left out`)])
    expect(script).not.toContain(address === '127.0.0.1' ? 'dnat ip to 127' : `${address}:8080`)
  })

  test.each<[string, Record<string, unknown>]>([
    ['external IP', { externalIPs: ['127.0.0.1'] }],
    ['external IP', { externalIPs: ['10.0.0.256'] }],
    ['cluster IP', { clusterIP: '10.43.0.010' }],
  ])('the %s of %j', (what, spec) => {
    const bad = service('bad', { clusterIP: '10.43.0.99', ports: [{ port: 80 }], ...spec })
    const { sentences, script } = told({ ...base, services: [bad, web], endpointSlices: [webSlice] })
    expect(sentences).toEqual([expect.stringMatching(new RegExp(`^${what} of Service default/bad ".*" is left out`))])
    expect(script).toContain('10.43.0.10 . tcp . 80')
  })

  test("a load balancer's odd address, while IPv6 is no fault", () => {
    const balanced = service('lb', { clusterIP: '10.43.0.9', type: 'LoadBalancer', ports: [{ port: 80 }] })
    const ingress = [{ ip: '1.2.3' }, { ip: 'fd00::1' }, { ip: '203.0.113.7' }]
    const { sentences, script } = told({ ...base, services: [{ ...balanced, status: { loadBalancer: { ingress } } }] })
    expect(sentences).toEqual([expect.stringContaining('load balancer IP of Service default/lb "1.2.3" is left out')])
    expect(script).toContain('203.0.113.7 . tcp . 80')
  })

  test("a host port whose hostIP is no IPv4 address, a pod's odd address, and an odd pod CIDR", () => {
    const port = { protocol: 'TCP', hostPort: 80, containerPort: 8080 } as const
    const good: LocalPod = { uid: 'good', ip: '10.42.1.11', ready: true, hostPorts: [{ ...port, hostPort: 81 }] }
    const pods: LocalPod[] = [
      { uid: 'v6', ip: '10.42.1.12', ready: true, hostPorts: [{ ...port, hostIP: '::1' }] },
      { uid: 'odd', ip: '127.0.0.1', ready: true, hostPorts: [port] },
      good,
    ]
    const { sentences, script } = told({ ...base, podCidr: '10.42.01.0/24', localPods: pods })
    expect(sentences).toHaveLength(3)
    expect(script).toContain('tcp . 81')
    for (const text of ['::1', '127.0.0.1:8080', '10.42.01']) expect(script).not.toContain(text)
  })
})

describe('who may come in through a load balancer', () => {
  const guarded = (ranges: string[], annotations?: Record<string, string>) => {
    const object = service('lb', {
      clusterIP: '10.43.0.10',
      type: 'LoadBalancer',
      nodePort: 30080,
      ports: [{ port: 80 }],
      loadBalancerSourceRanges: ranges,
    })
    const metadata = { ...object.metadata, ...(annotations && { annotations }) }
    const lb = { ...object, metadata, status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } } }
    const input = { ...base, services: [lb], endpointSlices: [slice('lb', 8080, [['10.42.1.11', 'n1']])] }
    const firewall = [...ruleset(input).chains]
      .find(([name]) => name.startsWith('fw-'))?.[1]
      .rules.map((rule) => rule.replace(/ goto .*/, ''))
    return { firewall, elements: { ...elements(input, 'services'), ...elements(input, 'node-ports') } }
  }

  test('everybody, where nothing is said', () => expect(guarded([]).firewall).toBeUndefined())
  test('the ranges and this machine, by the address of the balancer and by the node port; in the cluster all', () => {
    const { firewall, elements: entries } = guarded(['10.0.0.0/8', ' 192.168.1.7/24', '10.1.0.0/16', '2001:db8::/64'])
    expect(firewall).toEqual(['fib saddr type local', 'ip saddr 10.0.0.0/8', 'ip saddr 192.168.1.0/24', 'ip saddr 10.1.0.0/16', 'drop'])
    expect(entries['203.0.113.7 . tcp . 80']).toMatch(/^goto fw-/)
    expect(entries['tcp . 30080']).toMatch(/^goto fw-/)
    expect(entries['10.43.0.10 . tcp . 80']).toMatch(/^goto svc-/)
  })
  test('nobody, where no range can be read or all are of IPv6', () => {
    expect(guarded(['office']).firewall).toEqual(['fib saddr type local', 'drop'])
    expect(guarded(['2001:db8::/64']).firewall).toEqual(['fib saddr type local', 'drop'])
  })
  test('those of the annotation, where the field is empty', () => {
    const annotations = { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, 192.168.0.0/16' }
    expect(guarded([], annotations).firewall).toHaveLength(4)
    expect(guarded(['172.16.0.0/12'], annotations).firewall).toEqual(['fib saddr type local', 'ip saddr 172.16.0.0/12', 'drop'])
  })
})

describe('a pod of this node that is not ready', () => {
  const own: LocalPod = { uid: 'u1', ip: '10.42.1.11', ready: false, terminating: true, hostPorts: [] }
  const published = service('web', { clusterIP: '10.43.0.10', ports: [{ port: 80 }], publishNotReadyAddresses: true })
  const fresh = slice('web', 8080, [['10.42.1.11', 'n1', { ready: true }, 'u1']])

  test('serves here too where the Service publishes it, as it does elsewhere', () => {
    expect(endpoints({ ...base, services: [published], endpointSlices: [fresh], localPods: [own] })).toEqual(['10.42.1.11'])
    expect(endpoints({ ...base, services: [published], endpointSlices: [fresh], node: 'n2' })).toEqual(['10.42.1.11'])
    expect(endpoints({ ...base, services: [web], endpointSlices: [fresh], localPods: [own] })).toEqual([])
  })

  test("is what the maker of a slice says, where that is not the hub's own controller", () => {
    const labels = { ...fresh.metadata.labels, 'endpointslice.kubernetes.io/managed-by': 'mine' }
    const theirs = { ...slice('web', 8080, [['192.0.2.9', 'n1', { ready: true }, 'u1']]), metadata: { ...fresh.metadata, labels } }
    expect(endpoints({ ...base, services: [web], endpointSlices: [theirs], localPods: [own] })).toEqual(['192.0.2.9'])
  })
})
