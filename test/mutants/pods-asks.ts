import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/kubelet/handlers/plain-http.ts',
    search: `if (bytes.length > maxAnswerBytes) throw new Error(`,
    replace: `if (bytes.length > 64 * maxAnswerBytes) throw new Error(`,
    why: 'a container that is probed fills the memory of its node with hints and heads',
    tests: ['edge-agent/src/kubelet/handlers/plain-http.test.ts'],
  },
  {
    file: 'edge-agent/src/cri/grpc-health.ts',
    search: `, { maxMessageBytes }`,
    replace: ``,
    why: 'a container that is probed by gRPC costs its node 32 MB each time',
    tests: ['edge-agent/src/kubelet/handlers/handlers.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/env/expand.ts',
    search: `if (length > room)`,
    replace: `if (length > Infinity)`,
    why: 'ten variables that name each other ten times end the agent',
    tests: ['edge-agent/src/kubelet/env/env.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/config/container-mounts.ts',
    search: `if (missing.length > 0) {`,
    replace: `if (missing.length > 99) {`,
    why: 'a subPathExpr without its variable mounts the folders of all tenants',
    tests: ['edge-agent/src/kubelet/config/container-mounts.test.ts'],
  },
  {
    file: 'shared/src/kinds/rules/mounts.ts',
    search: `mountPropagation === 'Bidirectional' && !isPrivileged`,
    replace: `mountPropagation === 'Bidirectional' && false`,
    why: 'what a container without privileges mounts appears on the node',
    tests: ['shared/src/kinds/rules/security.test.ts'],
  },
  {
    file: 'shared/src/meta/capability.ts',
    search: `.replace(/^CAP_/, '')`,
    replace: ``,
    why: 'a capability that is dropped by the name of the kernel is kept, without a word',
    tests: ['edge-agent/src/kubelet/config/configs.test.ts'],
  },
  {
    file: 'hub/src/apiserver/admission/secret-references.ts',
    search: `for (const { secretRef } of envFrom)`,
    replace: `for (const { secretRef } of [] as typeof envFrom)`,
    why: 'a Secret that an account may not mount is read by way of the environment',
    tests: ['hub/src/apiserver/admission/admission.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/wanted/host-ports.ts',
    search: `if (isStarted(other) !== isStarted(pod)) return isStarted(other)`,
    replace: ``,
    why: 'a pod that comes later takes the port of the node from the one that serves on it',
    tests: ['edge-agent/src/kubelet/wanted/host-ports.test.ts'],
  },
  {
    file: 'shared/src/kinds/rules/pod-resize.ts',
    search: `(spec.nodeName ?? '') === '' && statuses`,
    replace: `statuses`,
    why: 'a pod that never starts is made so large that its node looks full',
    tests: ['hub/src/apiserver/subresources/parts-of-pods.test.ts'],
  },
]
