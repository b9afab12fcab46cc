import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { describe, expect, test } from 'vitest'
import { defineSchedulerPlugin, enoughOf, schedule } from './framework.ts'
import { podInfoOf } from './pods/pod-info.ts'
import { createClusterCache } from './snapshot/snapshot.ts'
import { decide, nodeOf, pod, requesting } from './testing/decide.ts'

describe('names that every JavaScript object inherits', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__']
  const requiring = (matchExpressions: unknown) =>
    ({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } },
    }) as Partial<Pod['spec']>

  test.each(names)('%s is no label that a node has, and no amount', (name) => {
    const node = nodeOf('a')
    expect(decide(pod(requiring([{ key: name, operator: 'Exists' }])), [node])).not.toBe('a')
    expect(decide(pod(requiring([{ key: name, operator: 'DoesNotExist' }])), [node])).toBe('a')
    expect(decide(pod({ nodeSelector: Object.fromEntries([[name, 'x']]) }), [node])).not.toBe('a')
    const spread = { maxSkew: 1, topologyKey: name, whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector: {} }
    expect(decide(pod({ topologySpreadConstraints: [spread] }), [node])).not.toBe('a')
    const near = { topologyKey: name, labelSelector: { matchLabels: { app: 'x' } } }
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } }
    expect(decide(pod({ affinity }, { labels: { app: 'x' } }), [node])).not.toBe('a')
    expect(decide(pod(requesting(Object.fromEntries([[name, '1']]))), [node])).toContain(`Insufficient ${name}`)
    expect(
      decide(pod(requesting(Object.fromEntries([[name, '1']]))), [nodeOf('b', { allocatable: Object.fromEntries([[name, '1']]) })]),
    ).toBe('b')
  })
})

describe('a node is refused with the reason that Kubernetes gives', () => {
  const port = (hostPort: number, hostIP?: string) =>
    ({
      containers: [{ name: 'main', image: 'x:1', ports: [{ containerPort: 80, hostPort, protocol: 'TCP', ...(hostIP && { hostIP }) }] }],
    }) as unknown as Pod['spec']
  const platforms = (list: Record<string, string[]>) => ({ 'bramble.io/image-platforms': JSON.stringify(list) })
  const amd64 = { 'kubernetes.io/arch': 'amd64' }
  const arm64Image = platforms({ 'docker.io/library/x:1': ['linux/arm64'] })
  const image = { containers: [{ name: 'main', image: 'x:1' }] } as unknown as Pod['spec']
  const affinity = (key: string, operator: string, values?: string[]) =>
    ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values && { values }) }] }],
          },
        },
      },
    }) as Partial<Pod['spec']>

  test.each<[string, Pod, Node[], (readonly [Pod, string])[], string]>([
    ['no nodes', pod(), [], [], 'no nodes available to schedule pods'],
    ['cordoned', pod(), [nodeOf('a', { unschedulable: true })], [], '0/1 nodes are available: 1 node(s) were unschedulable.'],
    [
      'cordon tolerated',
      pod({ tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] }),
      [nodeOf('a', { unschedulable: true })],
      [],
      'a',
    ],
    [
      'taint',
      pod(),
      [nodeOf('a', { taints: [{ key: 'x', value: 'y', effect: 'NoSchedule' }] })],
      [],
      '0/1 nodes are available: 1 node(s) had untolerated taint {x: y}.',
    ],
    [
      'taint tolerated by value',
      pod({ tolerations: [{ key: 'x', operator: 'Equal', value: 'y', effect: 'NoSchedule' }] }),
      [nodeOf('a', { taints: [{ key: 'x', value: 'y', effect: 'NoSchedule' }] })],
      [],
      'a',
    ],
    [
      'taint of another value',
      pod({ tolerations: [{ key: 'x', value: 'z' }] }),
      [nodeOf('a', { taints: [{ key: 'x', value: 'y', effect: 'NoExecute' }] })],
      [],
      '0/1 nodes are available: 1 node(s) had untolerated taint {x: y}.',
    ],
    [
      'everything tolerated',
      pod({ tolerations: [{ operator: 'Exists' }] }),
      [nodeOf('a', { taints: [{ key: 'x', effect: 'NoExecute' }] })],
      [],
      'a',
    ],
    ['only disliked', pod(), [nodeOf('a', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] })], [], 'a'],
    ['not ready', pod(), [nodeOf('a', { ready: 'False' })], [], '0/1 nodes are available: 1 node(s) were not ready.'],
    ['lost', pod(), [nodeOf('a', { ready: 'Unknown' })], [], '0/1 nodes are available: 1 node(s) were unreachable.'],
    [
      'node selector',
      pod({ nodeSelector: { disk: 'ssd' } }),
      [nodeOf('a')],
      [],
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    ],
    ['node selector met', pod({ nodeSelector: { disk: 'ssd' } }), [nodeOf('a'), nodeOf('b', { labels: { disk: 'ssd' } })], [], 'b'],
    ['affinity In', pod(affinity('disk', 'In', ['ssd', 'nvme'])), [nodeOf('a'), nodeOf('b', { labels: { disk: 'nvme' } })], [], 'b'],
    ['affinity NotIn', pod(affinity('disk', 'NotIn', ['sd'])), [nodeOf('a', { labels: { disk: 'sd' } }), nodeOf('b')], [], 'b'],
    ['affinity Exists', pod(affinity('disk', 'Exists')), [nodeOf('a'), nodeOf('b', { labels: { disk: '' } })], [], 'b'],
    ['affinity DoesNotExist', pod(affinity('disk', 'DoesNotExist')), [nodeOf('a', { labels: { disk: '' } }), nodeOf('b')], [], 'b'],
    [
      'affinity Gt',
      pod(affinity('gen', 'Gt', ['4'])),
      [nodeOf('a', { labels: { gen: '4' } }), nodeOf('b', { labels: { gen: '5' } })],
      [],
      'b',
    ],
    [
      'affinity Lt',
      pod(affinity('gen', 'Lt', ['5'])),
      [nodeOf('a', { labels: { gen: 'x' } }), nodeOf('b', { labels: { gen: '4' } })],
      [],
      'b',
    ],
    ['memory', pod(requesting({ memory: '2Gi' })), [nodeOf('a'), nodeOf('b')], [], '0/2 nodes are available: 2 Insufficient memory.'],
    [
      'several resources',
      pod(requesting({ cpu: '8', memory: '2Gi' })),
      [nodeOf('a')],
      [],
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.',
    ],
    [
      'extended resource',
      pod(requesting({ 'bramble.io/zigbee': '1' })),
      [nodeOf('a'), nodeOf('b', { allocatable: { 'bramble.io/zigbee': '1' } })],
      [],
      'b',
    ],
    [
      'what others took',
      pod(requesting({ cpu: '2' })),
      [nodeOf('a')],
      [[pod(requesting({ cpu: '2500m' })), 'a']],
      '0/1 nodes are available: 1 Insufficient cpu.',
    ],
    ['too many', pod(), [nodeOf('a', { allocatable: { pods: '1' } })], [[pod(), 'a']], '0/1 nodes are available: 1 Too many pods.'],
    [
      'an init container that is larger than all others',
      pod({
        containers: [{ name: 'main', image: 'x', resources: { requests: { cpu: '1' } } }] as never,
        initContainers: [
          { name: 'sidecar', image: 'x', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } },
          { name: 'init', image: 'x', resources: { requests: { cpu: '3500m' } } },
        ] as never,
      }),
      [nodeOf('a')],
      [],
      '0/1 nodes are available: 1 Insufficient cpu.',
    ],
    [
      'overhead',
      pod({ ...requesting({ cpu: '3900m' }), overhead: { cpu: '200m' } }),
      [nodeOf('a')],
      [],
      '0/1 nodes are available: 1 Insufficient cpu.',
    ],
    [
      'host port',
      pod(port(8080)),
      [nodeOf('a')],
      [[pod(port(8080, '10.0.0.1')), 'a']],
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    ],
    ['host port on another address', pod(port(8080, '10.0.0.2')), [nodeOf('a')], [[pod(port(8080, '10.0.0.1')), 'a']], 'a'],
    [
      'architecture told by another node',
      pod(image),
      [nodeOf('a', { labels: amd64 }), nodeOf('b', { unschedulable: true, annotations: arm64Image })],
      [],
      '0/2 nodes are available: 1 image docker.io/library/x:1 is built for arm64, node is amd64, 1 node(s) were unschedulable.',
    ],
    [
      'architecture by emulation',
      pod(image),
      [nodeOf('a', { labels: amd64, annotations: { ...arm64Image, 'bramble.io/emulated-architectures': 'arm64,arm' } })],
      [],
      'a',
    ],
    [
      'native before emulated',
      pod(image),
      [nodeOf('a', { labels: amd64, annotations: { ...arm64Image, 'bramble.io/emulated-architectures': 'arm64' } }), nodeOf('b')],
      [],
      'b',
    ],
    ['an image nobody knows', pod(image), [nodeOf('a', { labels: amd64 })], [], 'a'],
    ['nonsense in the annotation', pod(image), [nodeOf('a', { annotations: { 'bramble.io/image-platforms': '{' } })], [], 'a'],
    [
      'a mix, counted and sorted',
      pod(requesting({ memory: '2Gi' })),
      [nodeOf('a', { taints: [{ key: 'x', value: 'y', effect: 'NoSchedule' }] }), nodeOf('b'), nodeOf('c')],
      [],
      '0/3 nodes are available: 1 node(s) had untolerated taint {x: y}, 2 Insufficient memory.',
    ],
  ])('%s', (_name, wanted, nodes, placed, answer) => {
    expect(decide(wanted, nodes, placed)).toBe(answer)
  })
})

describe('of the nodes that fit, the better one is chosen', () => {
  const owned = () =>
    pod(
      {},
      {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }],
        labels: { app: 'web' },
      },
    )

  test('the emptier one', () => {
    expect(decide(pod(), [nodeOf('a'), nodeOf('b')], [[pod(requesting({ cpu: '3' })), 'a']])).toBe('b')
  })
  test('the one without a sibling', () => {
    expect(decide(owned(), [nodeOf('a'), nodeOf('b')], [[owned(), 'a']])).toBe('b')
  })
  test('the one without a pod of the same Service', () => {
    const one = pod({}, { labels: { app: 'web' } })
    expect(decide(pod({}, { labels: { app: 'web' } }), [nodeOf('a'), nodeOf('b')], [[one, 'a']], { app: 'web' })).toBe('b')
  })
  test('the one that is preferred', () => {
    const preferred = [{ weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } }]
    const wanted = pod({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } } as Partial<
      Pod['spec']
    >)
    expect(decide(wanted, [nodeOf('a'), nodeOf('b', { labels: { disk: 'ssd' } })])).toBe('b')
  })
  test('the one that is not disliked', () => {
    expect(decide(pod(), [nodeOf('a', { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }), nodeOf('b')])).toBe('b')
  })
  test('the one that has the image', () => {
    const images = [{ names: ['docker.io/library/busybox:1.0'], sizeBytes: 800 * 2 ** 20 }]
    expect(decide(pod(), [nodeOf('a'), nodeOf('b', { images })])).toBe('b')
  })
})

describe('pods near others, apart from others, and spread', () => {
  const room = (name: string) => ({ labels: { room: name, 'kubernetes.io/hostname': `host-${name}` } })
  const nodes = [nodeOf('a', room('attic')), nodeOf('b', room('cellar')), nodeOf('c', { labels: { room: 'cellar' } })]
  const term = (app: string, topologyKey = 'room') => ({ labelSelector: { matchLabels: { app } }, topologyKey })
  const labelled = (app: string, spec: Partial<Pod['spec']> = {}, namespace = 'default') => pod(spec, { labels: { app }, namespace })
  const near = (app: string) => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } } })
  const apart = (app: string, extra = {}) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ ...term(app), ...extra }] } },
  })

  test('one that wants to be near another goes to its room', () => {
    expect(decide(labelled('web', near('db')), nodes, [[labelled('db'), 'a']])).toBe('a')
    expect(decide(labelled('web', near('db')), nodes)).toBe("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.")
  })
  test('the first of a group that wants to be together may go anywhere', () => {
    expect(decide(labelled('web', near('web')), nodes)).toMatch(/^[abc]$/)
    expect(decide(labelled('web', near('web')), nodes, [[labelled('web', near('web')), 'a']])).toBe('a')
  })
  test('one that wants to be apart goes elsewhere, and so does one that others want to be apart from', () => {
    expect(decide(labelled('web', apart('web')), nodes, [[labelled('web'), 'b']])).toBe('a')
    expect(decide(labelled('web'), nodes, [[labelled('db', apart('web')), 'b']])).toBe('a')
    expect(decide(labelled('web'), nodes.slice(0, 1), [[labelled('db', apart('web')), 'a']])).toBe(
      "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    )
    const full = [
      [labelled('web'), 'a'],
      [labelled('web'), 'c'],
    ] as const
    expect(decide(labelled('web', apart('web')), nodes, full)).toBe(
      "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
    )
  })
  test('pods of other namespaces count only when they are asked for', () => {
    const placed = [[labelled('web', {}, 'other'), 'b']] as const
    expect(decide(labelled('web', apart('web')), nodes.slice(1), placed)).toMatch(/^[bc]$/)
    expect(decide(labelled('web', apart('web', { namespaceSelector: {} })), nodes, placed)).toBe('a')
    expect(decide(labelled('web', apart('web', { namespaces: ['other'] })), nodes, placed)).toBe('a')
  })
  test('a preference decides between nodes that fit', () => {
    const preferred = [{ weight: 100, podAffinityTerm: term('db') }]
    const liking = { affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }
    const disliking = { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } }
    expect(decide(labelled('web', liking), nodes, [[labelled('db'), 'a']])).toBe('a')
    expect(decide(labelled('web', disliking), nodes, [[labelled('db'), 'a']])).toMatch(/^[bc]$/)
  })
  test('a spread keeps its skew, and a node without the label is refused by name', () => {
    const spread = {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'room', whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector: { matchLabels: { app: 'web' } } },
      ],
    }
    expect(decide(labelled('web', spread), nodes, [[labelled('web'), 'b']])).toBe('a')
    expect(decide(labelled('web', spread), [...nodes.slice(1), nodeOf('d')], [[labelled('web'), 'b']])).toBe('c')
    expect(decide(labelled('web', spread), [nodeOf('d')])).toBe(
      "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
    )
    const tight = [nodeOf('a', { ...room('attic'), unschedulable: true }), nodeOf('b', room('cellar'))]
    expect(decide(labelled('web', spread), tight, [[labelled('web'), 'b']])).toBe(
      "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.",
    )
  })
})

test('of a thousand nodes that fit a pod looks at those that are enough, once with each filter and each score that concern it', () => {
  const cache = createClusterCache({ servicesIn: () => [], namespaceLabels: () => undefined })
  for (let index = 0; index < 1000; index += 1) cache.putNode(nodeOf(`node-${index}`))
  const looks = { filtered: 0, scored: 0 }
  const looking = defineSchedulerPlugin({
    name: 'Looking',
    order: 1,
    filter: () => () => void (looks.filtered += 1),
    score: { weight: 1, scale: 'percent', of: () => () => (looks.scored += 1) },
  })
  const unconcerned = defineSchedulerPlugin({
    name: 'Unconcerned',
    order: 2,
    filter: () => undefined,
    score: { weight: 1, scale: 'percent', of: () => undefined },
  })
  expect(schedule(podInfoOf(pod()), cache, [looking, unconcerned], () => 0.5)).toMatchObject({ type: 'fits' })
  expect(looks).toEqual({ filtered: enoughOf(1000), scored: enoughOf(1000) })
  expect(enoughOf(1000)).toBe(420)
})

test('a pod that asks for nothing of a resource fits where none of it is left, whatever the resource', () => {
  const full = nodeOf('a', { allocatable: { cpu: '0', memory: '0', 'ephemeral-storage': '0' } })
  expect(decide(pod(requesting({ cpu: '0', memory: '0', 'ephemeral-storage': '0' })), [full])).toBe('a')
  for (const resource of ['cpu', 'memory', 'ephemeral-storage'])
    expect(decide(pod(requesting({ [resource]: '1' })), [full])).toContain(`1 Insufficient ${resource}`)
})
