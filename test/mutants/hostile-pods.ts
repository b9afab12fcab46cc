import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/kubelet/queues.ts',
    search: `createLimiter(startsAtATime, { patienceMs: startPatienceMs })`,
    replace: `createLimiter(startsAtATime)`,
    why: 'four pods whose image has a FIFO for /etc/passwd keep all others of a node from starting for minutes, again and again',
    tests: ['edge-agent/src/kubelet/queues.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/queues.ts',
    search: `createLimiter(pullsAtATime, { patienceMs: pullPatienceMs })`,
    replace: `createLimiter(pullsAtATime)`,
    why: 'two images from a registry that drips keep all others of a node from being pulled for hours',
    tests: ['edge-agent/src/kubelet/queues.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/limiter.ts',
    search: `      if (!hasPlace) return
`,
    replace: ``,
    why: 'work that took long gives its place back twice, and more and more runs at a time',
    tests: ['edge-agent/src/kubelet/limiter.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/volumes/payload-writer.ts',
    search: `if (levels > maxFolders)`,
    replace: `if (levels > Infinity)`,
    why: 'a pod of a megabyte makes half a million folders on the card of its node',
    tests: ['edge-agent/src/kubelet/volumes/payload-writer.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/status/container-status.ts',
    search: `{ message: cutText(message, share) }`,
    replace: `{ message }`,
    why: 'the hub refuses the status of a pod whose containers end with long last words, and a dead pod stays in its Services',
    tests: ['edge-agent/src/kubelet/status/pod-status.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/handlers/find-host.ts',
    search: `lookup(host, signal, {`,
    replace: `(async (..._: unknown[]) => host)(host, signal, {`,
    why: 'probes of names that nobody answers for take the threads in which the agent looks for its hub',
    tests: ['edge-agent/src/kubelet/handlers/handlers.test.ts'],
  },
  {
    file: 'edge-agent/src/cri/grpc.ts',
    search: `(stream.pending ? stream.destroy() : stream.close(constants.NGHTTP2_CANCEL))`,
    replace: `stream.close(constants.NGHTTP2_CANCEL)`,
    why: 'a server that takes no connection is waited for by its gRPC probe for two minutes and not for one second',
    tests: ['edge-agent/src/cri/grpc.test.ts'],
  },
  {
    file: 'edge-agent/src/cri/grpc.ts',
    search: `settings: { maxHeaderListSize: maxWordsBytes },`,
    replace: ``,
    why: 'a registry that refuses with 200 KB of words ends every call of its node to the runtime',
    tests: ['edge-agent/src/cri/grpc.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/config/sandbox-config.ts',
    search: `return length <= maxKeptLength ? texts : {}`,
    replace: `return texts`,
    why: 'pods with long annotations make the list of a runtime longer than it can tell, and the node sees none of its pods',
    tests: ['edge-agent/src/kubelet/config/configs.test.ts'],
  },
  {
    file: 'hub/src/broker/thread/availabilities.ts',
    search: `if (before !== undefined && before !== topic) forget(before)`,
    replace: ``,
    why: 'a node that comes back under ever new fleets fills the memory of the broker',
    tests: ['hub/src/broker/thread/availabilities.test.ts'],
  },
]
