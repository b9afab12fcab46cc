import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { decide, nodeOf } from '../../../hub/src/scheduler/testing/decide.ts'
import { recorded } from './recorded.ts'

/** Which fields of the pod the plugins of the scheduler read while they place it beside another of its kind. */
export function schedulerReads(pod: Pod): ReadonlySet<string> {
  const reads = new Set<string>()
  const labels = { zone: 'a', a: 'b', x: 'x', k: 'x', 'kubernetes.io/hostname': 'a' }
  const nodes = [
    nodeOf('a', { labels }),
    nodeOf('b', { labels, unschedulable: true, taints: [{ key: 'a', value: 'x', effect: 'NoSchedule' }] }),
    nodeOf('c', { labels, taints: [{ key: 'a', value: 'x', effect: 'PreferNoSchedule' }] }),
  ]
  const other = { ...pod, metadata: { ...pod.metadata, name: 'other', uid: 'other' } }
  const { nodeName: _, ...free } = pod.spec
  for (const each of [pod, { ...pod, spec: free }] as Pod[])
    decide(
      recorded(each, (place) => reads.add(place)),
      nodes,
      [[other, 'a']],
    )
  decide(other, nodes, [[recorded(pod, (place) => reads.add(place)), 'a']])
  return reads
}
