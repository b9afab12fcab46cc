import type { Lease } from '@bramble/shared/kinds/lease.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Taint, Toleration } from '@bramble/shared/types/taint.ts'
import { expect, test } from 'vitest'
import { evictionInMs } from './eviction.ts'
import { createPodCidrs } from './pod-cidrs.ts'
import { presenceOf } from './presence.ts'
import { wantedTaints } from './taints.ts'

test('each node gets a block of its own, around what is taken, and the one that was given back last of all', () => {
  const cidrs = createPodCidrs('10.42.0.0/22')
  expect(cidrs.next()).toBe('10.42.0.0/24')
  cidrs.put('a', ['10.42.0.0/24'])
  expect(cidrs.next()).toBe('10.42.1.0/24')
  cidrs.put('a', ['10.42.1.0/24'])
  expect(cidrs.next()).toBe('10.42.2.0/24')
  cidrs.put('b', ['10.42.2.0/24'])
  cidrs.put('c', ['10.42.3.128/25', '10.42.3.0/25'])
  expect(cidrs.next()).toBe('10.42.0.0/24')
  cidrs.put('d', ['10.42.0.0/24'])
  expect(cidrs.next()).toBeUndefined()
  cidrs.put('c', ['10.42.3.128/25'])
  expect(cidrs.next()).toBeUndefined()
  cidrs.remove('b')
  expect(cidrs.next()).toBe('10.42.2.0/24')
})

test('a node with a /16, or with a text that is no network, leaves the others their addresses', () => {
  const cidrs = createPodCidrs('10.42.0.0/22')
  cidrs.put('wide', ['10.42.0.0/23'])
  expect(cidrs.next()).toBe('10.42.2.0/24') // gone round while there is room
  cidrs.put('wide', ['10.42.0.0/16'])
  cidrs.put('a', ['10.42.3.0/24'])
  expect(cidrs.next()).toBe('10.42.0.0/24')
  cidrs.remove('a')
  cidrs.put('wide', ['10.42.01.0/24', '10.42.0.0/024', 'pods', '::/0', '10.42.0.0/33'])
  expect(cidrs.next()).toBe('10.42.1.0/24')
})

test('a cluster CIDR that is too small or no CIDR is refused by name', () => {
  expect(() => createPodCidrs('10.42.0.0/25')).toThrow('10.42.0.0/25 has no room for a /24')
  expect(() => createPodCidrs('10.42.0.0')).toThrow('expected an IPv4 block')
})

const leaseOf = (renewTime: string, disconnectedAt?: string) =>
  ({
    metadata: { name: 'pi', ...(disconnectedAt === undefined ? {} : { annotations: { 'bramble.io/disconnected-at': disconnectedAt } }) },
    spec: { renewTime },
  }) as Lease

test('presence goes by our own clock and by the last will, never by the clock of the node', () => {
  const heard = { renewal: '', atMs: 1_000, isAlive: false }
  expect(presenceOf(leaseOf('1970-01-01T00:00:00.000000Z'), heard, 2_000)).toEqual({ type: 'present', checkInMs: 39_000 })
  expect(presenceOf(leaseOf('2099-01-01T00:00:00.000000Z'), heard, 41_000).type).toBe('lost')
  expect(presenceOf(leaseOf('2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:05.000Z'), heard, 1_001)).toMatchObject({
    type: 'lost',
    message: expect.stringContaining('2026-01-01T00:00:05.000Z'),
  })
  expect(presenceOf(undefined, heard, 2_000).type).toBe('present')
  expect(presenceOf(undefined, heard, 41_000).type).toBe('lost')
})

const nodeOf = (taints: Taint[], unschedulable = false, conditions: { type: string; status: 'True' | 'False' }[] = []) =>
  ({ spec: { taints, unschedulable }, status: { conditions } }) as unknown as Node
const foreign: Taint = { key: 'mine', value: 'x', effect: 'NoSchedule' }
const at = (key: string, effect: Taint['effect']): Taint => ({
  key: `node.kubernetes.io/${key}`,
  effect,
  timeAdded: '1970-01-01T00:00:00Z',
})

test.each<[string, Node, 'True' | 'False' | 'Unknown', boolean, Taint[] | undefined]>([
  ['a healthy node', nodeOf([foreign]), 'True', false, undefined],
  ['a lost node', nodeOf([foreign]), 'Unknown', true, [foreign, at('unreachable', 'NoSchedule'), at('unreachable', 'NoExecute')]],
  ['a lost node while nobody may be evicted', nodeOf([]), 'Unknown', false, [at('unreachable', 'NoSchedule')]],
  [
    'a lost node that is marked already',
    nodeOf([at('unreachable', 'NoExecute'), at('unreachable', 'NoSchedule')]),
    'Unknown',
    true,
    undefined,
  ],
  ['a node that is back', nodeOf([at('unreachable', 'NoExecute'), foreign, at('unreachable', 'NoSchedule')]), 'True', false, [foreign]],
  [
    'a node that is back but not ready',
    nodeOf([at('unreachable', 'NoSchedule')]),
    'False',
    true,
    [at('not-ready', 'NoSchedule'), at('not-ready', 'NoExecute')],
  ],
  ['a cordoned node', nodeOf([], true), 'True', false, [at('unschedulable', 'NoSchedule')]],
  [
    'a node short of memory',
    nodeOf([], false, [{ type: 'MemoryPressure', status: 'True' }]),
    'True',
    false,
    [at('memory-pressure', 'NoSchedule')],
  ],
])('the taints of %s', (_name, node, ready, mayEvict, taints) => {
  expect(wantedTaints({ node, ready, mayEvict, now: 0 })).toEqual(taints)
})

const lost: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }
test.each<[string, Toleration[], number, number | undefined]>([
  ['does not tolerate', [], 0, 0],
  ['tolerates for good', [{ operator: 'Exists' }], 1_000_000, undefined],
  ['tolerates for five minutes', [{ key: lost.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }], 60_000, 240_000],
  ['tolerated long enough', [{ key: lost.key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }], 400_000, 0],
  ['tolerates something else', [{ key: 'other', operator: 'Exists' }], 0, 0],
  [
    'tolerates twice: the shorter one counts',
    [
      { key: lost.key, operator: 'Exists', tolerationSeconds: 300 },
      { key: lost.key, operator: 'Exists', tolerationSeconds: 10 },
    ],
    0,
    10_000,
  ],
])('a pod that %s', (_name, tolerations, ageMs, inMs) => {
  expect(evictionInMs({ spec: { tolerations } } as unknown as Pod, [{ taint: lost, ageMs }])).toBe(inMs)
})

test('thousands of taints and tolerations are looked up, also where all tolerations have one key or none', () => {
  const taints = Array.from({ length: 7000 }, (_, i) => ({
    taint: { key: `k${i}`, value: 'v', effect: 'NoExecute' as const },
    ageMs: 1000,
  }))
  const everything = { operator: 'Exists' as const, tolerationSeconds: 60 }
  const ofOne = { key: 'k1', operator: 'Equal' as const, value: 'v', tolerationSeconds: 30 }
  const tolerations = (one: Toleration) => Array.from({ length: 50_000 }, () => one)
  const inMs = (...all: Toleration[]) => evictionInMs({ spec: { tolerations: all } } as unknown as Pod, taints)
  expect(inMs(...tolerations(everything))).toBe(59_000)
  expect(inMs(...tolerations(everything), ofOne)).toBe(29_000)
  expect(inMs(...tolerations(ofOne))).toBe(0)
  expect(inMs({ operator: 'Exists' }, ofOne)).toBe(29_000)
  expect(inMs({ operator: 'Exists' }, { ...ofOne, value: 'other' })).toBeUndefined()
})
