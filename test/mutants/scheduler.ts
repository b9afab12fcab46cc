import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/scheduler/plugins/resources-fit.ts',
    search: `if (wanted <= free) return []`,
    replace: `if (wanted <= free * 2) return []`,
    why: `a node is filled beyond its memory`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/taint-toleration.ts',
    search: `untolerated(node.spec?.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute'])`,
    replace: `untolerated(node.spec?.taints, pod.spec.tolerations, ['NoExecute'])`,
    why: `pods go to nodes whose taint keeps them away`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/node-unschedulable.ts',
    search: `if (node.spec?.unschedulable !== true) return undefined`,
    replace: `return undefined`,
    why: `a cordoned node gets new pods`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/host-ports.ts',
    search: `addresses.has(every) || addresses.has(addressOf(port))`,
    replace: `addresses.has(every)`,
    why: `two pods are given one host port`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/architecture.ts',
    search: `if (architectures.length === 0 || architectures.some((each) => runnable.has(each))) continue`,
    replace: `continue`,
    why: `an image goes to a board that cannot run it`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/node-affinity.ts',
    search: `hasLabels(pod.spec.nodeSelector ?? {}, node.metadata.labels) &&`,
    replace: ``,
    why: `nodeSelector is ignored`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/topology-spread.ts',
    search: `if (skew > constraint.maxSkew)`,
    replace: `if (skew > constraint.maxSkew + 1)`,
    why: `pods crowd in one place`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/plugins/inter-pod-affinity.ts',
    search: `if (values.has(valueOf(topologyKey) ?? '')) return`,
    replace: `if (values.has('')) return`,
    why: `a pod that wants to be alone gets company`,
    tests: ['hub/src/scheduler/framework.test.ts', 'hub/src/scheduler/scheduler.test.ts'],
  },
  {
    file: 'hub/src/scheduler/queue.ts',
    search: `a.info.priority === b.info.priority ? a.since < b.since : a.info.priority > b.info.priority`,
    replace: `a.since < b.since`,
    why: `an important pod waits behind others`,
    tests: ['hub/src/scheduler/queue.test.ts'],
  },
  {
    file: 'hub/src/scheduler/queue.ts',
    search: `Math.min(maxBackoffMs, firstBackoffMs * 2 ** Math.max(0, attempts - 1))`,
    replace: `0`,
    why: `a pod that fits nowhere is tried without pause`,
    tests: ['hub/src/scheduler/queue.test.ts'],
  },
]
