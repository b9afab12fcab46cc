import { cutText } from '@bramble/shared/text/cut-text.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { ContainerState, ContainerStatus } from '@bramble/shared/types/container-status.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { crashWaitUntil, type PodMemory, type StartFailure } from '../plan/memory.ts'
import { missingTarget } from '../plan/ephemeral.ts'
import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import { restartsAfter } from '@bramble/shared/kinds/rules/restart-policy.ts'
import { isSidecar, podFormat } from '../wanted/pod-facts.ts'
import { timeText } from './time-text.ts'
import type { SeenContainer, SeenPod } from '../observed/seen.ts'

/** Where in its pod a container stands; `ephemeral`: somebody looks into the pod with it. */
export type ContainerRole = 'init' | 'main' | 'ephemeral'

/** Where its status stands. */
export const statusesOf = {
  init: 'initContainerStatuses',
  main: 'containerStatuses',
  ephemeral: 'ephemeralContainerStatuses',
} as const satisfies Readonly<Record<ContainerRole, keyof PodStatus>>

/** What is told of all containers of a pod. */
export const allStatuses = (status: PodStatus | undefined): readonly ContainerStatus[] =>
  Object.values(statusesOf).flatMap((list) => status?.[list] ?? [])

export type ContainerStatusInput = {
  readonly pod: Pod
  readonly seen: SeenPod
  readonly memory: PodMemory
  readonly previous: PodStatus | undefined
  readonly runtime: string
  /** Monotonic. */
  readonly now: number
  readonly container: Container
  readonly role: ContainerRole
  /** The pod has ended, or its time is up: nothing of it starts again. */
  readonly isEnding: boolean
}

// As Kubernetes: so much is told of the last words of all containers of a pod. Its status goes to everybody who watches pods.
const maxLastWordsBytes = 12 * 1024
// Of why a container waits: a runtime repeats commands, and a registry says what it likes.
const maxWhyBytes = 1024
// An image is named in a few hundred characters at most; what is longer no runtime takes.
const maxImageBytes = 1024

/** One container's part of the pod's status; no part of it is longer than its bound, whatever containers and runtimes say. */
export function containerStatusOf(input: ContainerStatusInput): ContainerStatus {
  const { pod, seen, memory, container, role, now } = input
  const { name, image = '' } = container
  const isInit = role === 'init'
  const [last, before] = seen.containers.filter((each) => each.name === name)
  const known = previousOf(input)
  if (!last) return known && wasRun(known) ? forgotten(input, known) : { ...notYet(input), lastState: {} }

  const failure = memory.failures.get(name)
  const probe = memory.probes.get(last.id)
  const containerID = `${input.runtime}://${last.id}`
  // The runtime tells the first of all names that the content has by now: a container keeps the one that was told of it first.
  const told = known?.containerID === containerID ? known.image : ''
  const base = {
    name,
    restartCount: last.restartCount,
    image: cutText(told || last.image || image, maxImageBytes),
    imageID: last.imageRef,
    containerID,
  }
  const beforeState: ContainerState = before?.state === 'exited' ? { terminated: terminated(input, before) } : {}

  switch (last.state) {
    case 'running': {
      const isStarted = probe?.isStarted ?? false
      const isReady = isStarted && (probe?.isReady ?? false) && (!isInit || isSidecar(container))
      const state = { running: { startedAt: timeText(last.startedAt || last.createdAt) } }
      return { ...base, state, lastState: beforeState, ready: isReady, started: isStarted }
    }
    case 'created':
    case 'unknown':
      return { ...base, state: { waiting: { reason: firstReason(input.pod) } }, lastState: beforeState, ready: false, started: false }
    case 'exited': {
      const ended = { terminated: terminated(input, last) }
      const isReady = isInit && !isSidecar(container) && last.exitCode === 0
      const waiting = willRestart(input, last) ? restartWait(input, last, failure, now) : undefined
      if (!waiting) return { ...base, state: ended, lastState: beforeState, ready: isReady, started: false }
      return { ...base, state: { waiting }, lastState: ended, ready: false, started: false }
    }
    default:
      throw new Error(`container ${last.id} of ${podFormat(pod)} is in an unknown state`, { cause: last.state satisfies never })
  }
}

const previousOf = ({ previous, container, role }: ContainerStatusInput) =>
  previous?.[statusesOf[role]]?.find(({ name }) => name === container.name)

const wasRun = ({ state, lastState }: ContainerStatus) => (state?.running ?? state?.terminated ?? lastState?.terminated) !== undefined

/** The API remembers a container that the runtime does not know any more. */
function forgotten(input: ContainerStatusInput, known: ContainerStatus): ContainerStatus {
  if (!known.state?.running) return { ...known, ready: known.state?.terminated ? known.ready : false }
  const gone = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    ...(known.containerID === undefined ? {} : { containerID: known.containerID }),
  }
  const isOver = input.pod.metadata.deletionTimestamp !== undefined || !restartsAfter(input.container, input.pod.spec, gone.exitCode)
  if (isOver || input.role === 'ephemeral') {
    return { ...known, state: { terminated: gone }, ready: false, started: false }
  }
  return { ...known, state: { waiting: waitingAtFirst(input) }, lastState: { terminated: gone }, ready: false, started: false }
}

function notYet(input: ContainerStatusInput): ContainerStatus {
  const { name, image = '' } = input.container
  return {
    name,
    state: { waiting: waitingAtFirst(input) },
    ready: false,
    started: false,
    restartCount: 0,
    image: cutText(image, maxImageBytes),
    imageID: '',
  }
}

function waitingAtFirst(input: ContainerStatusInput) {
  const { memory, container, pod, now, seen, role, isEnding } = input
  if (role === 'ephemeral' && isEnding) return { reason: firstReason(pod), message: 'the pod has ended, and nothing of it starts any more' }
  const failure = memory.failures.get(container.name)
  if (failure) return failureWait(failure, now)
  const missing = role === 'ephemeral' ? missingTarget(container, seen) : undefined
  return missing === undefined ? { reason: firstReason(pod) } : { reason: missingTargetReason, message: missing }
}

/** A pod with init containers says so of each of its containers that has not run, also when those are through. */
const firstReason = ({ spec }: ContainerStatusInput['pod']): string =>
  (spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating'

/** Of a container whose target does not run. */
export const missingTargetReason = 'CreateContainerConfigError'

// A failed pull or start is told as such for a moment before it becomes the wait for the next try.
export const failureShownMs = 4000
/** Failures of a container that was made: what follows is the back-off of any container that ended. */
const startFailures: readonly string[] = ['RunContainerError', 'PostStartHookError']
/** The reasons that turn into a BackOff without anything happening. */
export const turnsIntoBackOff = (reason: string) => reason === 'ErrImagePull' || startFailures.includes(reason)

function failureWait(failure: StartFailure, now: number) {
  const { reason, message, image } = failure
  if (reason !== 'ErrImagePull' || now < failure.failedAt + failureShownMs) return { reason, message: cutText(message, maxWhyBytes) }
  return { reason: 'ImagePullBackOff', message: cutText(`Back-off pulling image "${image}": ErrImagePull: ${message}`, maxWhyBytes) }
}

function restartWait(input: ContainerStatusInput, last: SeenContainer, failure: StartFailure | undefined, now: number) {
  const { memory, container, pod } = input
  const isShown = failure && (!startFailures.includes(failure.reason) || now < failure.failedAt + failureShownMs)
  // A failure is forgotten when the container starts, so it is later than what ended last.
  if (isShown) return failureWait(failure, now)
  const backoff = memory.crashes.get(container.name)
  const until = crashWaitUntil(backoff, last.endedAt, now)
  if (until === undefined || !backoff) return failure && failureWait(failure, now)
  const delay = shortDuration(backoff.delayMs)
  return {
    reason: 'CrashLoopBackOff',
    message: `back-off ${delay} restarting failed container=${container.name} pod=${podFormat(pod)}`,
  }
}

/** As Go prints it: `10s`, `1m20s`, `5m0s`. */
const shortDuration = (ms: number) => {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

function willRestart({ pod, container, role, isEnding }: ContainerStatusInput, last: SeenContainer): boolean {
  if (isEnding || role === 'ephemeral' || pod.metadata.deletionTimestamp !== undefined) return false
  const isThrough = role === 'init' && !isSidecar(container) && last.exitCode === 0
  return !isThrough && restartsAfter(container, pod.spec, last.exitCode)
}

function terminated(
  { runtime, pod: { spec } }: ContainerStatusInput,
  { id, exitCode, reason, message, startedAt, finishedAt }: SeenContainer,
): NonNullable<ContainerState['terminated']> {
  const share = Math.max(64, Math.floor(maxLastWordsBytes / containersOf(spec).length))
  return {
    exitCode,
    reason: reason || (exitCode === 0 ? 'Completed' : 'Error'),
    ...(message === '' ? {} : { message: cutText(message, share) }),
    // Never started: Kubernetes shows the zero time of the runtime.
    startedAt: timeText(startedAt),
    finishedAt: timeText(finishedAt),
    containerID: `${runtime}://${id}`,
  }
}
