import type { EndpointSlice } from '@bramble/shared/kinds/endpoint-slice.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Service } from '@bramble/shared/kinds/service.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { expect, test } from 'vitest'
import { refusedBackends } from './backends.ts'
import { planSlices } from './slices.ts'
import { subsetsOf } from './subsets.ts'

const serviceOf = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', uid: 'svc', labels: { team: 'home' } },
  spec: {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' }],
    ...spec,
  },
})

type Options = { readonly ready?: boolean; readonly going?: boolean; readonly port?: number; readonly phase?: string; readonly ip?: string }
const podOf = (
  index: number,
  { ready = true, going = false, port = 8080, phase = 'Running', ip = `10.42.${index >> 8}.${index & 255}` }: Options = {},
) =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${index}`,
      namespace: 'default',
      uid: `pod-${index}`,
      labels: { app: 'web' },
      ...(going ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'pi-1', containers: [{ name: 'main', ports: [{ name: 'web', containerPort: port, protocol: 'TCP' }] }] },
    status: { phase, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }) as unknown as Pod // all that endpoints are made from

let n = 0
const random = () => ((n += 1) % 97) / 97
const plan = (service: Service, pods: Pod[], seen: EndpointSlice[] = []) => planSlices(service, pods, seen, random)
const range = (count: number, options?: Options) => Array.from({ length: count }, (_, i) => podOf(i + 1, options))

test('a slice names its Service, its maker, the pods and their named ports', () => {
  const { create } = plan(serviceOf(), [podOf(1)])
  expect(create).toEqual([
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: expect.objectContaining({
        generateName: 'web-',
        namespace: 'default',
        labels: {
          team: 'home',
          'kubernetes.io/service-name': 'web',
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'svc', controller: true, blockOwnerDeletion: true }],
      }),
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
      endpoints: [
        {
          addresses: ['10.42.0.1'],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: 'pi-1',
          targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'pod-1' },
        },
      ],
    },
  ])
})

test.each([
  ['ready', podOf(1), {}, { ready: true, serving: true, terminating: false }],
  ['not ready', podOf(1, { ready: false }), {}, { ready: false, serving: false, terminating: false }],
  ['going but still serving', podOf(1, { going: true }), {}, { ready: false, serving: true, terminating: true }],
  [
    'wanted ready or not',
    podOf(1, { ready: false }),
    { publishNotReadyAddresses: true },
    { ready: true, serving: false, terminating: false },
  ],
])('the conditions of a pod that is %s', (_name, pod, spec, conditions) => {
  expect(plan(serviceOf(spec), [pod]).create[0]?.endpoints?.[0]?.conditions).toEqual(conditions)
})

test('pods that ended, have no address, or are not selected are not behind a Service', () => {
  const other = { ...podOf(4), metadata: { ...podOf(4).metadata, labels: { app: 'other' } } }
  const { create } = plan(serviceOf(), [podOf(1, { phase: 'Succeeded' }), podOf(2, { ip: '' }), other])
  expect(create.map(({ endpoints }) => endpoints)).toEqual([[]])
})

test("one bad address in one pod's status takes that pod out of slices and Endpoints, and the others stay", () => {
  const pi: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'pi-1' },
    spec: { podCIDR: '10.42.0.0/24', podCIDRs: ['10.42.0.0/24'] },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.1.7' }] },
  }
  const nodeOf = (name: string) => (name === 'pi-1' ? pi : undefined)
  const bad = ['not an ip', '127.0.0.1', '169.254.169.254', '224.0.0.1', '0.0.0.0', '::1', '10.42.1.5', '192.168.1.7', '10.42.0.03']
  const pods = [podOf(1), ...bad.map((ip, index) => podOf(10 + index, { ip })), podOf(2)]
  const addresses = planSlices(serviceOf({ ipFamilies: ['IPv4', 'IPv6'] }), pods, [], random, nodeOf).create.flatMap(({ endpoints = [] }) =>
    endpoints.flatMap((endpoint) => endpoint.addresses),
  )
  expect(addresses).toEqual(['10.42.0.1', '10.42.0.2'])
  expect(subsetsOf(serviceOf(), pods, nodeOf).subsets[0]?.addresses?.map(({ ip }) => ip)).toEqual(['10.42.0.1', '10.42.0.2'])
  expect(refusedBackends(serviceOf(), pods, nodeOf).map(({ pod }) => pod.metadata.name)).toEqual(bad.map((_, index) => `web-${10 + index}`))

  const inHostNetwork = (ip: string) => {
    const pod = podOf(3, { ip })
    return { ...pod, spec: { ...pod.spec, hostNetwork: true } } as Pod
  }
  const behind = (pod: Pod) => planSlices(serviceOf(), [pod], [], random, nodeOf).create.flatMap(({ endpoints = [] }) => endpoints).length
  expect([behind(inHostNetwork('192.168.1.7')), behind(inHostNetwork('192.168.1.8')), behind(inHostNetwork('10.42.0.3'))]).toEqual([
    1, 0, 0,
  ])
})

test('slices hold a hundred endpoints, and pods that resolve a port differently are in slices of their own', () => {
  expect(plan(serviceOf(), range(250)).create.map(({ endpoints = [] }) => endpoints.length)).toEqual([100, 100, 50])
  const mixed = plan(serviceOf(), [podOf(1), podOf(2, { port: 9090 })]).create
  expect(mixed.map(({ ports }) => ports?.[0]?.port)).toEqual([8080, 9090])
})

test('what is as it should be is not written, and a change touches one slice only', () => {
  const pods = range(250)
  const slices = [...plan(serviceOf(), pods).create]
  expect(plan(serviceOf(), pods, slices)).toEqual({ create: [], update: [], remove: [] })
  const changed = plan(serviceOf(), [...pods.slice(0, 120), podOf(121, { ready: false }), ...pods.slice(121)], slices)
  expect([changed.create.length, changed.update.length, changed.remove.length]).toEqual([0, 1, 0])
  const replaced = plan(serviceOf(), [...pods.slice(1), podOf(300)], slices)
  expect(replaced.update.map(({ metadata }) => metadata.name)).toEqual([slices[0]?.metadata.name])
  const shrunk = plan(serviceOf(), pods.slice(0, 100), slices)
  expect([shrunk.update.length, shrunk.remove.length]).toEqual([0, 2])
})

test('a Service that lost its last pod keeps one empty slice, which its next pod takes', () => {
  const [slice] = plan(serviceOf(), [podOf(1)]).create
  const emptied = plan(serviceOf(), [], slice === undefined ? [] : [slice])
  expect(emptied.update.map(({ endpoints }) => endpoints)).toEqual([[]])
  expect([emptied.create.length, emptied.remove.length]).toEqual([0, 0])
  const again = plan(serviceOf(), [podOf(2)], [...emptied.update])
  expect([again.create.length, again.update.length, again.remove.length]).toEqual([0, 1, 0])
})

test('a Service for both address families has slices of both', () => {
  const pod = podOf(1)
  const dual = { ...pod, status: { ...pod.status, podIPs: [{ ip: '10.42.0.1' }, { ip: 'fd00::1' }] } } as Pod
  const { create } = plan(serviceOf({ ipFamilies: ['IPv4', 'IPv6'] }), [dual])
  expect(create.map(({ addressType, endpoints }) => [addressType, endpoints?.[0]?.addresses])).toEqual([
    ['IPv4', ['10.42.0.1']],
    ['IPv6', ['fd00::1']],
  ])
})

test('Endpoints keep ready and not ready apart, leave out what is going, and stop at a thousand', () => {
  const { subsets } = subsetsOf(serviceOf(), [podOf(1), podOf(2, { ready: false }), podOf(3, { going: true })])
  expect(subsets).toMatchObject([
    { addresses: [{ ip: '10.42.0.1' }], notReadyAddresses: [{ ip: '10.42.0.2' }], ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
  ])
  const many = subsetsOf(serviceOf(), range(1_200))
  expect(many.isTruncated).toBe(true)
  expect(many.subsets[0]?.addresses).toHaveLength(1_000)
})

test('thousands of ports and pods are each looked up once, also when every pod has numbers of its own', () => {
  const count = 2_000
  const own = (index: number) => Array.from({ length: 50 }, (_, i) => ({ name: `p${i}`, containerPort: 1 + index + i, protocol: 'TCP' }))
  const ports = own(0).map(({ name }, i) => ({ name, port: 1 + i, protocol: 'TCP' as const, targetPort: name }))
  const pods = range(count).map(
    (pod, index) => ({ ...pod, spec: { ...pod.spec, containers: [{ name: 'main', ports: own(index) }] } }) as Pod,
  )
  const service = serviceOf({ ports })
  const { create } = plan(service, pods)
  expect(create).toHaveLength(count)
  expect(plan(service, pods, [...create])).toEqual({ create: [], update: [], remove: [] })

  const many = Array.from({ length: 3_000 }, (_, i) => ({ name: `p${i}`, containerPort: 1 + i, protocol: 'TCP' }))
  const same = range(200).map((pod) => ({ ...pod, spec: { ...pod.spec, containers: [{ name: 'main', ports: many }] } }) as unknown as Pod)
  const last = many.map(({ name }, i) => ({ name, port: 1 + i, protocol: 'TCP' as const, targetPort: 'p2999' }))
  const [first] = plan(serviceOf({ ports: last }), same).create
  expect(first?.ports?.map(({ port }) => port)).toEqual(many.map(() => 3_000))
})
