import type { Mutant } from './mutant.ts'

export const mutants: readonly Mutant[] = [
  {
    file: 'edge-agent/src/kubelet/plan/plan.ts',
    search: `running.filter((other) => rankOf(other) < rankOf(container))`,
    replace: `running.filter((other) => rankOf(other) > rankOf(container))`,
    why: `sidecars end before what needs them`,
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'shared/src/kinds/rules/restart-policy.ts',
    search: `policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)`,
    replace: `policy === 'Always' || policy === 'OnFailure'`,
    why: `a job that ended well runs again`,
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/plan.ts',
    search: `return waitUntil === undefined ? start(again, last.endedAt) : { action: [], at: waitUntil }`,
    replace: `return start(again, last.endedAt)`,
    why: `a crashing container starts without pause`,
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/plan.ts',
    search: `if (isReady && id !== sandbox.id) steps.push({ kind: 'stopSandbox', id })`,
    replace: `void id`,
    why: `an old sandbox goes on beside the new one`,
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/plan.ts',
    search: `return [...now, container]
`,
    replace: `now.push(container)
`,
    why: `containers start before the init containers are through`,
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/plan.ts',
    search: `if (seen.containers.length > 0)`,
    replace: `if (seen.containers.length < 0)`,
    why: `a container that was made after its sandbox was removed stays for ever`,
    tests: ['edge-agent/src/kubelet/plan/plan.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/steps/make-sandbox.ts',
    search: `leftBehind.call(run, takeDown, signal)`,
    replace: `run(signal)`,
    why: 'a sandbox that the runtime makes after all outlives its pod',
    tests: ['edge-agent/src/kubelet/steps/make-sandbox.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/steps/left-behind.ts',
    search: `const leave = () => reject(signal.reason)`,
    replace: `const leave = () => {}`,
    why: `a pod whose image holds the runtime takes four minutes to delete`,
    tests: ['edge-agent/src/kubelet/steps/start-container.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/steps/left-behind.ts',
    search: `await undo(made)`,
    replace: ``,
    why: `what a runtime makes for a pod that is gone stays for ever`,
    tests: ['edge-agent/src/kubelet/steps/start-container.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/plan/ephemeral.ts',
    search: `last !== undefined || wasTold(pod, name) ||`,
    replace: `last !== undefined ||`,
    why: `a debugging container runs a second time after the runtime lost its state`,
    tests: ['edge-agent/src/kubelet/plan/ephemeral.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/status/pod-status.ts',
    search: `[...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].some(`,
    replace: `[...initContainerStatuses, ...containerStatuses].some(`,
    why: `a pod is told as ended while somebody's debugging container still runs on its node`,
    tests: ['edge-agent/src/kubelet/status/ephemeral-status.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/status/container-status.ts',
    search: `isEnding || role === 'ephemeral' ||`,
    replace: `isEnding ||`,
    why: `a debugging container that ended is told as waiting for its restart`,
    tests: ['edge-agent/src/kubelet/status/ephemeral-status.test.ts'],
  },
  {
    file: 'edge-agent/src/kubelet/steps/fetch-image.ts',
    search: `if (!signal.aborted) rememberFailure(`,
    replace: `rememberFailure(`,
    why: `a pod that is deleted is told to have failed to fetch somebody's image`,
    tests: ['edge-agent/src/kubelet/steps/fetch-image.test.ts'],
  },
]
