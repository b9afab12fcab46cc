import { discover } from '@bramble/shared/discover.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodAffinityTerm } from '@bramble/shared/types/affinity.ts'
import { expect, test } from 'vitest'
import { podOf } from '../../client/test-hub.ts'
import { enoughOf, isSchedulerPlugin, schedule } from '../framework.ts'
import { podInfoOf } from '../pods/pod-info.ts'
import { groupOf } from '../pods/pod-terms.ts'
import { createClusterCache } from './snapshot.ts'
import type { ClusterCache } from './snapshot.ts'

const plugins = discover(import.meta.glob('../plugins/*.ts', { eager: true }), isSchedulerPlugin)

const nodeOf = (name: string, labels: Record<string, string>, images: Record<string, string[]> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels, annotations: { 'bramble.io/image-platforms': JSON.stringify(images) } },
  spec: {},
  status: { allocatable: { cpu: '1', memory: '1Gi', pods: '5' }, conditions: [{ type: 'Ready', status: 'True' }] },
})

const term = (app: string, topologyKey: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: { app } },
  ...more,
})
const inNamedSpaces = { namespaceSelector: { matchLabels: { team: 'a' } } }
const wants = (uid: string, app: string, affinity: 'apart' | 'near' | 'spread' | 'port' | 'none'): Pod => {
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' as const, labelSelector: { matchLabels: { app } } }
  const port = { containers: [{ name: 'a', image: 'x:1', ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] }
  const spec = {
    none: {},
    port,
    spread: { topologySpreadConstraints: [spread] },
    near: {
      affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: term(app, 'zone') }] } },
    },
    apart: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app, 'host', inNamedSpaces)] } } },
  }[affinity]
  return podOf(uid, spec as Partial<Pod['spec']>, {
    ...{ uid, generation: 1, labels: { app }, namespace: app === 'a' ? 'one' : 'two' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: app, uid: app, controller: true }],
  })
}

test('whatever came and went, all counts and decisions are what they would be if the cluster were looked at anew', () => {
  let seed = 11
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  const one = <T>(list: readonly T[]): T => list[random(list.length)] as T // of lists that are not empty
  const kinds = ['apart', 'near', 'spread', 'port', 'none'] as const
  for (let round = 0; round < 30; round += 1) {
    const teams = new Map([
      ['one', 'a'],
      ['two', 'b'],
    ])
    const deps = { servicesIn: () => [], namespaceLabels: (name: string) => ({ team: teams.get(name) ?? '' }) }
    const cache = createClusterCache(deps)
    const nodes = new Map<string, Node>()
    const placed = new Map<string, { readonly pod: Pod; readonly node: string }>()
    const assumed = new Set<string>()
    const names = ['n0', 'n1', 'n2', 'n3', 'n4']
    const steps: readonly (() => void)[] = [
      () => {
        const node = nodeOf(one(names), { host: one(names), zone: one(['x', 'y']) }, { 'x:1': [one(['linux/arm64', 'linux/amd64'])] })
        nodes.set(node.metadata.name, node)
        cache.putNode(node)
      },
      () => {
        const name = one(names)
        nodes.delete(name)
        cache.removeNode(name)
      },
      () => {
        const pod = wants(`p${random(12)}`, one(['a', 'b']), one(kinds))
        const node = one(names)
        placed.set(pod.metadata.uid ?? '', { pod, node })
        assumed.delete(pod.metadata.uid ?? '')
        // Another spec under the same uid: a pod has one generation more for it.
        const generation = 2 + round * 1000 + random(1000)
        cache.putPod({ ...pod, metadata: { ...pod.metadata, generation } }, node)
      },
      () => {
        const pod = wants(`p${random(12)}`, one(['a', 'b']), one(kinds))
        const uid = pod.metadata.uid ?? ''
        if (placed.has(uid) && !assumed.has(uid)) return
        const node = one(names)
        cache.assume(podInfoOf(pod), node)
        placed.set(uid, { pod, node })
        assumed.add(uid)
      },
      () => {
        const uid = `p${random(12)}`
        cache.forget(uid)
        if (assumed.delete(uid)) placed.delete(uid)
      },
      () => {
        const uid = `p${random(12)}`
        cache.removePod(uid)
        placed.delete(uid)
        assumed.delete(uid)
      },
      () => {
        teams.set(one(['one', 'two']), one(['a', 'b']))
        cache.namespacesChanged()
      },
    ]
    for (let step = 0; step < 60; step += 1) {
      one(steps)()
      const anew = createClusterCache(deps)
      for (const { name } of cache.nodes()) anew.putNode(nodes.get(name) as Node) // every node is there
      for (const { pod, node } of placed.values()) anew.putPod(pod, node)
      expect(seenOf(cache)).toEqual(seenOf(anew))
      expect(cache.nodes().length).toBe(nodes.size)
    }
  }
})

function seenOf(cache: ClusterCache) {
  const owner = wants('owner', 'a', 'none')
  const terms = [term('a', 'zone'), term('b', 'host', inNamedSpaces), term('b', 'zone', { namespaces: ['two'] })]
  const positive = (counts: ReadonlyMap<string, number>) => [...counts].filter(([, count]) => count > 0).sort()
  return {
    nodes: cache.nodes().map(({ name, requested, pods, portHolders }) => ({
      ...{
        name,
        requested: Object.entries(requested)
          .filter(([, amount]) => amount !== 0)
          .sort(),
      },
      ...{ pods: [...pods.keys()].sort(), ports: [...portHolders].map(({ uid }) => uid).sort() },
    })),
    counts: terms.map((each) => positive(cache.counts(groupOf(each, owner, cache)))),
    domains: terms.map((each) => positive(cache.domains(groupOf(each, owner, cache), each.topologyKey).counts)),
    held: [...cache.heldTerms()].map(({ term, domains }) => JSON.stringify([term, positive(domains)])).sort(),
    architectures: [...(cache.architecturesOf('docker.io/library/x:1') ?? [])].sort(),
    decisions: (['apart', 'near', 'spread', 'port', 'none'] as const).flatMap((kind) =>
      ['a', 'b'].map((app) => schedule(podInfoOf(wants('new', app, kind)), cache, plugins, () => 0)),
    ),
  }
}

test('a fleet of a house is looked at whole; of thousands of nodes some that fit are enough, from anywhere', () => {
  expect([1, 3, 100, 101, 1_000, 5_000, 10_000].map(enoughOf)).toEqual([1, 3, 100, 100, 420, 500, 500])
  const cache = createClusterCache({ servicesIn: () => [], namespaceLabels: () => undefined })
  for (let index = 0; index < 300; index += 1) cache.putNode(nodeOf(`n${index}`, {}))
  let asked = 0
  const counting = { ...plugins[0], isSchedulerPlugin: true as const, name: 'Counting', order: 0, filter: () => () => void (asked += 1) }
  const decision = schedule(podInfoOf(wants('p', 'a', 'none')), cache, [counting], () => 0.5)
  expect(asked).toBe(enoughOf(300))
  expect(decision).toMatchObject({ type: 'fits', node: 'n221' })
})

test('a pod whose status alone changed is taken as it was, with its newest version', () => {
  const cache = createClusterCache({ servicesIn: () => [], namespaceLabels: () => undefined })
  cache.putNode(nodeOf('n', {}))
  const pod = wants('p', 'a', 'none')
  cache.putPod(pod, 'n')
  const info = cache.nodes()[0]?.pods.get('p')
  const later = { ...pod, status: { phase: 'Running' as const } } as Pod
  cache.putPod(later, 'n')
  expect(cache.nodes()[0]?.pods.get('p')).toBe(info)
  expect(info?.pod).toBe(later)
  cache.putPod({ ...later, metadata: { ...later.metadata, labels: { app: 'b' } } }, 'n')
  expect(cache.nodes()[0]?.pods.get('p')).not.toBe(info)
})
