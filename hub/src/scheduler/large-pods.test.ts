import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { expect, test } from 'vitest'
import { decide, nodeOf, pod } from './testing/decide.ts'

test('thousands of terms and constraints are compared once with each pod, not once for each node', () => {
  const nodes = Array.from({ length: 60 }, (_, i) => nodeOf(`n${i}`, { labels: { host: `n${i}` }, allocatable: { pods: '1000' } }))
  const placed = nodes.flatMap((_, i) => Array.from({ length: 10 }, () => [pod({}, { labels: { app: 'a' } }), `n${i}`] as const))
  const labelSelector = { matchLabels: { app: 'a' } }
  const terms = Array.from({ length: 1500 }, () => ({ weight: 1, podAffinityTerm: { topologyKey: 'host', labelSelector } }))
  const constraints = Array.from({ length: 500 }, () => ({
    maxSkew: 1,
    topologyKey: 'host',
    whenUnsatisfiable: 'ScheduleAnyway' as const,
    labelSelector,
  }))
  const wanted = pod({
    affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms } },
    topologySpreadConstraints: constraints,
  })
  expect(decide(wanted, nodes, placed)).toMatch(/^n\d+$/)
})

test('thousands of tolerations and images are compared once with each node, not each with each', () => {
  const keys = Array.from({ length: 7_000 }, (_, i) => `k${i}`)
  const images = Array.from({ length: 50 }, (_, i) => ({ names: Array.from({ length: 50 }, (_, j) => `i${i}-${j}`), sizeBytes: 2 ** 30 }))
  const nodes = Array.from({ length: 60 }, (_, i) => `n${i}`).map((name) =>
    nodeOf(name, { taints: keys.map((key) => ({ key, effect: 'NoSchedule' as const })), images }),
  )
  const containers = Array.from({ length: 2_000 }, (_, i) => ({ name: `c${i}`, image: `x${i}` })) as unknown as Pod['spec']['containers']
  const tolerations = keys.map((key) => ({ key, operator: 'Exists' as const })).toReversed()
  expect(decide(pod({ tolerations, containers }), nodes)).toMatch(/^n\d+$/)
})

test('thousands of host ports are each looked up, not compared with each other one of the node', () => {
  const holding = (from: number, hostIP = '') =>
    pod({
      containers: Array.from({ length: 8 }, (_, c) => ({
        name: `c${c}`,
        image: 'busybox:1',
        ports: Array.from({ length: 1000 }, (_, i) => ({ containerPort: 1, hostPort: from + c * 1000 + i, hostIP })),
      })),
    } as unknown as Partial<Pod['spec']>)
  const placed = Array.from({ length: 100 }, (_, i) => [holding(10_000, `10.0.0.${i}`), 'a'] as const)
  const node = nodeOf('a', { allocatable: { pods: '200' } })
  expect(decide(holding(20_000), [node], placed)).toBe('a')
  expect(decide(holding(17_999, '10.0.0.7'), [node], placed)).toContain("didn't have free ports")
  expect(decide(holding(17_999), [node], placed)).toContain("didn't have free ports")
  expect(decide(holding(17_999, '10.0.0.200'), [node], placed)).toBe('a')
})
