import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'hub/src/apiserver/admission/plugins/node-restriction.ts',
    search: '!same(podCidrsOf(next), podCidrsOf(before))',
    replace: 'false',
    why: 'a node takes the pod addresses of others',
    tests: ['hub/src/apiserver/admission/admission.test.ts'],
  },
  {
    file: 'hub/src/controllers/endpoints/backends.ts',
    search: 'address === undefined || whyNotItsOwn(pod, address, nodeOf) !== undefined',
    replace: 'address === undefined',
    why: 'a node becomes the endpoint of any Service by an address that is not its own',
    tests: ['hub/src/controllers/endpoints/slices.test.ts'],
  },
  {
    file: 'shared/src/kinds/rules/node.ts',
    search: 'const maxImages = 50',
    replace: 'const maxImages = 2_000_000',
    why: 'one status patch fills the memory of everybody who watches Nodes',
    tests: ['shared/src/kinds/node.test.ts'],
  },
  {
    file: 'hub/src/apiserver/answers/view.ts',
    search: 'entry.key === own ? undefined : of.shown(kind, entry)',
    replace: 'undefined',
    why: 'each node carries the whole of all others',
    tests: ['hub/src/apiserver/kinds/node.test.ts'],
  },
  {
    file: 'edge-agent/src/proxy/usable.ts',
    search: 'isIpv4(text) && checkNonSpecialIp(text).length === 0',
    replace: 'isIpv4(text)',
    why: "a pod reaches the node's loopback through a ClusterIP",
    tests: ['edge-agent/src/proxy/ruleset.test.ts'],
  },
  {
    file: 'edge-agent/src/proxy/service-ports.ts',
    search: 'ready: publishes || (pod.ready',
    replace: 'ready: (pod.ready',
    why: 'published pods that are not ready are refused on their own node',
    tests: ['edge-agent/src/proxy/ruleset.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/status/status-patch.ts',
    search: `hostIPs: replacing(hostIPs),`,
    replace: `hostIPs: hostIPs ?? null,`,
    why: 'a node with a new address can tell nothing of its pods any more',
    tests: ['edge-agent/src/link/outbox.test.ts'],
  },
]
