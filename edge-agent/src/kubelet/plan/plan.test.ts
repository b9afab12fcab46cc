import { describe, expect, it } from 'vitest'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { emptyMemory, type PodMemory } from './memory.ts'
import { plan } from './plan.ts'
import type { SeenPod } from '../observed/seen.ts'
import type { Step } from './step.ts'
import { container, exited, isUp, memory, now, samplePod, sandbox, seenContainer, seenPod } from '../testing/samples.ts'

const brief = (step: Step): string => {
  switch (step.kind) {
    case 'makeSandbox':
      return `makeSandbox ${step.attempt}`
    case 'startContainer':
      return `start ${step.name}#${step.restartCount}`
    case 'stopContainer':
      return `stop ${step.id} ${step.graceSeconds}s${step.after === undefined ? '' : ` after ${step.after.join(' ')}`}`
    case 'removeContainer':
      return `remove ${step.id}`
    case 'stopSandbox':
    case 'removeSandbox':
      return `${step.kind} ${step.id}`
    default:
      return step.kind
  }
}

const year = 365 * 24 * 3_600_000
const deleting = { deletionTimestamp: '2026-06-01T12:00:00Z', deletionGracePeriodSeconds: 7 }
const init = (name: string, more: object = {}) => container(name, more)
const sidecar = init('side', { restartPolicy: 'Always' })
const withRule = (name: string, values: readonly number[], operator = 'In') =>
  container(name, { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator, values } }] })
const failure = { reason: 'ErrImagePull', message: 'no', image: 'busybox:1', failedAt: now - 1000, retryAt: now + 9000, delayMs: 10_000 }

type Case = readonly [
  title: string,
  wanted: Pod | undefined,
  seen: SeenPod,
  memory: PodMemory,
  steps: readonly string[],
  wakeInMs?: number,
  activeMs?: number,
]

const cases: readonly Case[] = [
  ['a new pod gets its volumes and its sandbox', samplePod(), seenPod([]), emptyMemory(), ['mountVolumes', 'makeSandbox 0']],
  ['a pod with a sandbox gets its containers', samplePod(), seenPod([sandbox()]), memory(), ['start main#0']],
  ['a running pod needs nothing', samplePod(), seenPod([sandbox()], [seenContainer('main')]), memory(), []],
  [
    'volumes that could not be mounted are tried again at their time',
    samplePod(),
    seenPod([]),
    memory({ volumes: { tag: 'failed', message: 'x', failedAt: now, retryAt: now + 500, delayMs: 500 } }),
    [],
    500,
  ],
  [
    'a sandbox that could not be made is tried again at its time',
    samplePod(),
    seenPod([]),
    memory({ sandboxFailure: { message: 'x', failedAt: now, retryAt: now + 700, delayMs: 700 } }),
    [],
    700,
  ],
  ['a container that ended is started again', samplePod(), seenPod([sandbox()], [exited('main', 1)]), memory(), ['start main#1']],
  [
    'a container that ended twice waits for its back-off',
    samplePod(),
    seenPod([sandbox()], [exited('main', 1, { restartCount: 1 })]),
    memory({ crashes: new Map([['main', { delayMs: 10_000, updatedAt: now - 5000 }]]) }),
    [],
    9000,
  ],
  [
    'a back-off is forgotten when the container ran long',
    samplePod(),
    seenPod([sandbox()], [exited('main', 1, { restartCount: 1 })]),
    memory({ crashes: new Map([['main', { delayMs: 300_000, updatedAt: now - 700_000 }]]) }),
    ['start main#2'],
  ],
  [
    'a clock that is set back in a back-off neither holds the container for years nor restarts it hot',
    samplePod(),
    seenPod([sandbox()], [exited('main', 1, { finishedAt: now + 50 * year })]),
    memory({ crashes: new Map([['main', { delayMs: 10_000, updatedAt: now - 5000 }]]) }),
    [],
    9000,
  ],
  [
    'a clock that is set forward in a back-off does not restart the container hot',
    samplePod(),
    seenPod([sandbox()], [exited('main', 1, { finishedAt: now - 50 * year })]),
    memory({ crashes: new Map([['main', { delayMs: 10_000, updatedAt: now - 5000 }]]) }),
    [],
    9000,
  ],
  [
    'OnFailure restarts a failure and leaves a success',
    samplePod({ restartPolicy: 'OnFailure', containers: [container('good'), container('bad')] }),
    seenPod([sandbox()], [exited('good', 0), exited('bad', 2)]),
    memory(),
    ['start bad#1'],
  ],
  [
    'a container with a policy of its own is not asked for that of the pod',
    samplePod({ restartPolicy: 'Never', containers: [container('once'), container('again', { restartPolicy: 'OnFailure' })] }),
    seenPod([sandbox()], [exited('once', 2), exited('again', 2)]),
    memory(),
    ['start again#1'],
  ],
  [
    'a rule that fits starts a container again that would not be, and one that does not fit leaves it to the policy',
    samplePod({ restartPolicy: 'Never', containers: [withRule('hit', [3, 42]), withRule('miss', [3]), container('main')] }),
    seenPod([sandbox()], [exited('hit', 42), exited('miss', 42), seenContainer('main')]),
    memory(),
    ['start hit#1'],
  ],
  [
    'a pod has ended when no rule starts any of its containers again',
    samplePod({ restartPolicy: 'Always', containers: [withRule('a', [3]), withRule('b', [0], 'NotIn')] }),
    seenPod([sandbox()], [exited('a', 1), exited('b', 0)]),
    memory(),
    ['stopSandbox s0', 'unmountVolumes'],
  ],
  [
    'an init container whose rule fits is tried again although its pod never restarts, and one that succeeded is through',
    samplePod({ restartPolicy: 'Never', initContainers: [withRule('a', [0, 3]), withRule('b', [0, 3])] }),
    seenPod([sandbox()], [exited('a', 0), exited('b', 3)]),
    memory(),
    ['start b#1'],
  ],
  [
    'a pod that is done gives its sandbox back and keeps its containers',
    samplePod({ restartPolicy: 'Never' }),
    seenPod([sandbox()], [exited('main', 0)]),
    memory(),
    ['stopSandbox s0', 'unmountVolumes'],
  ],
  ['a pod the API calls done is never started again', samplePod({}, {}, { phase: 'Succeeded' }), seenPod([]), emptyMemory(), []],
  [
    'when a pod is done its sidecars are stopped',
    samplePod({ restartPolicy: 'Never', initContainers: [sidecar] }),
    seenPod([sandbox()], [exited('main', 0), seenContainer('side')]),
    memory({ probes: new Map([['side-0', isUp]]) }),
    ['stop side-0 30s'],
  ],
  [
    'a pod past its deadline is stopped',
    samplePod({ activeDeadlineSeconds: 5 }, {}, { startTime: '2026-06-01T11:59:50Z' }),
    seenPod([sandbox()], [seenContainer('main')]),
    memory(),
    ['stop main-0 30s'],
    undefined,
    10_000,
  ],
  [
    'init containers run one after the other',
    samplePod({ initContainers: [init('a'), init('b')] }),
    seenPod([sandbox()], [exited('a', 0)]),
    memory(),
    ['start b#0'],
  ],
  [
    'a running init container is waited for',
    samplePod({ initContainers: [init('a')] }),
    seenPod([sandbox()], [seenContainer('a')]),
    memory(),
    [],
  ],
  [
    'a sidecar must have started before the next one',
    samplePod({ initContainers: [sidecar, init('b')] }),
    seenPod([sandbox()], [seenContainer('side')]),
    memory({ probes: new Map([['side-0', { isStarted: false, isReady: false }]]) }),
    [],
  ],
  [
    'after a started sidecar the next init container runs',
    samplePod({ initContainers: [sidecar, init('b')] }),
    seenPod([sandbox()], [seenContainer('side')]),
    memory({ probes: new Map([['side-0', isUp]]) }),
    ['start b#0'],
  ],
  [
    'a sidecar that ended is started again beside the running containers',
    samplePod({ initContainers: [sidecar] }),
    seenPod([sandbox()], [exited('side', 0), seenContainer('main')]),
    memory(),
    ['start side#1'],
  ],
  [
    'a failed init container of a pod that never restarts ends the pod',
    samplePod({ restartPolicy: 'Never', initContainers: [init('a')] }),
    seenPod([sandbox()], [exited('a', 1)]),
    memory(),
    ['stopSandbox s0', 'unmountVolumes'],
  ],
  [
    'a new sandbox runs the init containers again',
    samplePod({ initContainers: [init('a')] }),
    seenPod([sandbox({ id: 's1', attempt: 1 }), sandbox({ isReady: false })], [exited('a', 0), exited('main', 137)]),
    memory(),
    ['start a#1'],
  ],
  [
    'a sandbox that still stands beside a newer one is stopped, and so is what runs in it',
    samplePod(),
    seenPod([sandbox({ id: 's1', attempt: 1 }), sandbox()], [seenContainer('main')]),
    memory(),
    ['stopSandbox s0', 'stop main-0 30s'],
  ],
  [
    'a dead sandbox is replaced',
    samplePod(),
    seenPod([sandbox({ isReady: false, attempt: 2 })], [exited('main', 137)]),
    memory(),
    ['makeSandbox 3'],
  ],
  [
    'an unhealthy container is stopped with the grace of its probe',
    samplePod(),
    seenPod([sandbox()], [seenContainer('main')]),
    memory({ probes: new Map([['main-0', { ...isUp, unhealthy: { probe: 'liveness', graceSeconds: 3 } }]]) }),
    ['stop main-0 3s'],
  ],
  [
    'a container whose image changed is stopped, then started',
    samplePod({ containers: [container('main', { image: 'busybox:2' })] }),
    seenPod([sandbox()], [seenContainer('main')]),
    memory(),
    ['stop main-0 30s'],
  ],
  [
    'a container with a changed image does not wait for the old back-off',
    samplePod({ containers: [container('main', { image: 'busybox:2' })] }),
    seenPod([sandbox()], [exited('main', 1)]),
    memory({ crashes: new Map([['main', { delayMs: 300_000, updatedAt: now - 5000 }]]), failures: new Map([['main', failure]]) }),
    ['start main#1'],
  ],
  [
    'a container that could not be started waits for its next try',
    samplePod(),
    seenPod([sandbox()]),
    memory({ failures: new Map([['main', failure]]) }),
    [],
    9000,
  ],
  [
    'a container that was created and never started is made anew',
    samplePod(),
    seenPod([sandbox()], [seenContainer('main', { state: 'created' })]),
    memory(),
    ['remove main-0'],
  ],
  [
    'of the dead containers the newest of each name is kept',
    samplePod(),
    seenPod(
      [sandbox()],
      [seenContainer('main', { restartCount: 3 }), exited('main', 1, { restartCount: 2 }), exited('main', 1, { restartCount: 1 })],
    ),
    memory(),
    ['remove main-1'],
  ],
  [
    'an old sandbox nobody is in is removed',
    samplePod(),
    seenPod([sandbox({ id: 's1', attempt: 1 }), sandbox({ isReady: false })], [seenContainer('main', { sandboxId: 's1' })]),
    memory(),
    ['removeSandbox s0'],
  ],
  [
    'the API knows how often a forgotten container ran',
    samplePod(
      {},
      {},
      {
        containerStatuses: [{ name: 'main', restartCount: 4, containerID: 'containerd://x', ready: false, image: '', imageID: '' }],
      },
    ),
    seenPod([sandbox()]),
    memory(),
    ['start main#5'],
  ],
  [
    'a deleted pod is stopped with the grace of its deletion',
    samplePod({}, deleting),
    seenPod([sandbox()], [seenContainer('main')]),
    memory(),
    ['stop main-0 7s'],
  ],
  [
    'a deleted pod stops its main containers together and its sidecars after them, the last first',
    samplePod(
      { containers: [container('main'), container('other')], initContainers: [sidecar, init('side2', { restartPolicy: 'Always' })] },
      deleting,
    ),
    seenPod([sandbox()], [seenContainer('side'), seenContainer('side2'), seenContainer('main'), seenContainer('other')]),
    memory(),
    ['stop main-0 7s', 'stop other-0 7s', 'stop side2-0 7s after main-0 other-0', 'stop side-0 7s after main-0 other-0 side2-0'],
  ],
  [
    'sidecars follow in reverse',
    samplePod({ initContainers: [sidecar, init('side2', { restartPolicy: 'Always' })] }, deleting),
    seenPod([sandbox()], [seenContainer('side'), seenContainer('side2'), exited('main', 0)]),
    memory(),
    ['stop side2-0 7s', 'stop side-0 7s after side2-0'],
  ],
  [
    'a deleted pod that is down is removed',
    samplePod({}, deleting),
    seenPod([sandbox()], [exited('main', 0)]),
    memory(),
    ['stopSandbox s0', 'removeSandbox s0'],
  ],
  ['then its files', samplePod({}, deleting), seenPod([]), memory(), ['cleanPod']],
  ['then the API is told', samplePod({}, deleting), seenPod([]), memory({ isCleaned: true }), ['confirmDeleted']],
  ['and no more', samplePod({}, deleting), seenPod([]), memory({ isCleaned: true, isConfirmed: true }), []],
  [
    'a pod the API does not know is stopped with the grace its containers were made with',
    undefined,
    seenPod([sandbox()], [seenContainer('main', { graceSeconds: 12 })]),
    memory(),
    ['stop main-0 12s'],
  ],
  ['a sandbox left by a killed agent is removed', undefined, seenPod([sandbox({ isReady: false })]), emptyMemory(), ['removeSandbox s0']],
  [
    'a container that was made after its sandbox was removed is removed, before what it was made with',
    undefined,
    seenPod([], [seenContainer('main', { state: 'created' })]),
    emptyMemory(),
    ['remove main-0'],
  ],
  ['what is gone and cleaned needs nothing', undefined, seenPod([]), memory({ isCleaned: true }), []],
]

describe('plan', () => {
  for (const [title, wanted, seen, remembered, steps, wakeInMs, activeMs] of cases) {
    it(title, () => {
      const answer = plan({ wanted, seen, memory: remembered, now, activeMs })
      expect(answer.steps.map(brief)).toEqual(steps)
      if (wakeInMs !== undefined) expect(answer.wakeAt).toBe(now + wakeInMs)
    })
  }
})
