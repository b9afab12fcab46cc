import { isDeepStrictEqual } from 'node:util'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import type { SeenPod } from '../observed/seen.ts'
import type { KubeletParts } from '../parts.ts'
import { missingTarget } from '../plan/ephemeral.ts'
import type { PodMemory } from '../plan/memory.ts'
import type { Step } from '../plan/step.ts'
import { podFormat } from '../wanted/pod-facts.ts'
import { allStatuses, failureShownMs, missingTargetReason, turnsIntoBackOff } from './container-status.ts'
import { podStatus } from './pod-status.ts'
import { saysTheSame } from './status-patch.ts'

export type StatusReporterDeps = {
  readonly parts: Pick<KubeletParts, 'clock' | 'emit' | 'hostIP' | 'runtime'>
  readonly memory: () => PodMemory
  readonly reportStatus: (pod: Pod, status: PodStatus) => void
}

/** One pod as it was found, and what is done about it next. */
export type Look = { readonly seen: SeenPod; readonly steps: readonly Step[]; readonly activeMs: number | undefined }

/** The telling half of a pod's worker: of all its looks, those that the API has to hear of, and the events that go with them. */
export type StatusReporter = {
  /** Tells how the pod is, if that is news: at once when nothing is left to do, else when it has settled. */
  tell(pod: Pod, look: Look): void
  /** Monotonic: when the pod is to be looked at again although nothing happens to it; Infinity when it need not be. */
  lookAgainAt(): number
  /** What waits to settle is not told any more. */
  stop(): void
}

// A quick start is one status in the API, not three; a slow one shows its progress.
const settleMs = 500
// Another writer's status is corrected no sooner than our own last one can have come back from the hub.
const echoMs = 10_000

/** The last status that was told, or would have been if it had said anything new; when one went out, and as the cache had the pod then. */
type Told = { readonly status: PodStatus | undefined; readonly at: number; readonly pod: Pod | undefined }

export function createStatusReporter({ parts, memory, reportStatus }: StatusReporterDeps): StatusReporter {
  const { clock, emit, hostIP, runtime } = parts
  let told: Told = { status: undefined, at: -Infinity, pod: undefined }
  /** When the echo of what was told last is over. */
  let checkAt = Infinity
  let waiting: { readonly send: () => void; readonly timer: NodeJS.Timeout } | undefined
  const drop = () => {
    clearTimeout(waiting?.timer)
    waiting = undefined
  }

  return {
    tell(pod, { seen, steps, activeMs }) {
      const now = clock.monotonic()
      if (steps.some(({ kind }) => kind === 'confirmDeleted')) waiting?.send()
      const previous = told.status ?? pod.status
      // A pod that is being taken apart has told how it ended before its containers were removed.
      if (pod.metadata.deletionTimestamp !== undefined && seen.containers.length === 0 && wasRunning(previous)) return
      const status = podStatus({
        ...{ pod, seen, previous, now, activeMs },
        memory: memory(),
        hostIP: hostIP(),
        runtime: runtime(),
        wallNow: clock.now(),
      })
      // Somebody else wrote our part of the status (a hub that thought us lost): say it again, once for each such change.
      const isOverruled = told.status !== undefined && pod !== told.pod && !isSameStory(pod.status, status)
      const isEcho = isOverruled && now - told.at > echoMs
      checkAt = isOverruled && !isEcho ? told.at + echoMs + 1 : Infinity
      drop()
      if (told.status !== undefined ? saysTheSame(status, told.status) && !isEcho : saysTheSame(status, pod.status)) {
        told = { ...told, status }
        return
      }
      const send = () => {
        drop()
        announce(emit, pod, { seen, before: told.status ?? pod.status, after: status })
        told = { status, at: clock.monotonic(), pod }
        checkAt = Infinity
        reportStatus(pod, status)
      }
      if (steps.length > 0) waiting = { send, timer: setTimeout(send, settleMs) }
      else send()
    },
    lookAgainAt: () => Math.min(checkAt, nextStatusChange(memory(), clock.monotonic())),
    stop: drop,
  }
}

/** The events that a change of the status is. */
function announce(
  emit: KubeletParts['emit'],
  pod: Pod,
  { seen, before, after }: { readonly seen: SeenPod; readonly before: PodStatus | undefined; readonly after: PodStatus },
): void {
  const reasonBefore = (name: string) => allStatuses(before).find((each) => each.name === name)?.state?.waiting?.reason
  if (after.reason === 'DeadlineExceeded' && before?.reason !== after.reason) emit(pod, 'Normal', after.reason, after.message ?? '')
  for (const { name, state, image } of allStatuses(after)) {
    const reason = state?.waiting?.reason
    if (reason === reasonBefore(name)) continue
    if (reason === 'CrashLoopBackOff')
      emit(pod, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${podFormat(pod)}`, name)
    if (reason === 'ImagePullBackOff') emit(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, name)
    if (reason !== missingTargetReason) continue
    const looking = pod.spec.ephemeralContainers?.find((each) => each.name === name)
    const missing = looking && missingTarget(looking, seen)
    if (missing !== undefined && missing === state?.waiting?.message) emit(pod, 'Warning', 'Failed', `Error: ${missing}`, name)
  }
}

const wasRunning = (status: PodStatus | undefined) => (status?.containerStatuses ?? []).some(({ containerID }) => containerID !== undefined)

/** What readers act on is the same; times and wording aside. */
const isSameStory = (a: PodStatus | undefined, b: PodStatus): boolean => isDeepStrictEqual(story(a), story(b))
const story = (status: PodStatus | undefined) => ({
  phase: status?.phase,
  ip: status?.podIP,
  conditions: Object.fromEntries((status?.conditions ?? []).map(({ type, status }) => [type, status])),
  containers: allStatuses(status).map(({ name, ready, containerID, restartCount }) => ({ name, ready, containerID, restartCount })),
})

/** ErrImagePull turns into ImagePullBackOff, RunContainerError into CrashLoopBackOff, without anything happening. */
function nextStatusChange({ failures }: PodMemory, now: number): number {
  const times = [...failures.values()].filter(({ reason }) => turnsIntoBackOff(reason)).map(({ failedAt }) => failedAt + failureShownMs)
  return Math.min(Infinity, ...times.filter((time) => time > now))
}
