import { isDeepStrictEqual } from 'node:util'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { failureShownMs, turnsIntoBackOff } from './status/container-status.ts'
import { execute } from './steps/execute.ts'
import { emptyMemory, type PodMemory, withEntry } from './plan/memory.ts'
import type { Observer } from './observed/observe.ts'
import { nodeFacts, type KubeletParts, type StepContext } from './parts.ts'
import { plan } from './plan/plan.ts'
import { podFormat } from './wanted/pod-facts.ts'
import { podStatus } from './status/pod-status.ts'
import { createProber, type Prober } from './probes/prober.ts'
import type { SeenPod } from './observed/seen.ts'
import { saysTheSame } from './status/status-patch.ts'
import type { Step } from './plan/step.ts'

export type PodWorkerDeps = {
  readonly uid: string
  readonly parts: KubeletParts
  readonly observer: Observer
  /** The pod as the cache has it now. */
  readonly wanted: () => Pod | undefined
  readonly reportStatus: (pod: Pod, status: PodStatus) => void
}

/**
 * One pod's loop: look, decide, do, tell; until nothing is left to do, and again when woken. Pods never wait for each other.
 * Its steps run one after the other, so the plan always sees what the last one did.
 */
export type PodWorker = {
  /** Look again soon; `objects` says that a ConfigMap, a Secret or the pod's own labels changed. */
  wake(why?: 'objects'): void
  /** The pod is to end, or sooner than was said: cut short what waits (pulls, graces, hooks) and plan anew. */
  interrupt(): void
  /** Ends when the pod is gone from the API and nothing of it is left here, or with the signal; containers go on running then. */
  run(signal: AbortSignal): Promise<void>
}

// A quick start is one status in the API, not three; a slow one shows its progress.
const settleMs = 500
// Another writer's status is corrected no sooner than our own last one can have come back from the hub.
const echoMs = 10_000

export function createPodWorker({ uid, parts, observer, wanted, reportStatus }: PodWorkerDeps): PodWorker {
  const { clock, emit } = parts
  const log = parts.log.with({ uid })
  let memory: PodMemory = emptyMemory()
  const remember = (change: Partial<PodMemory>) => (memory = { ...memory, ...change })
  let isWoken = false
  let areObjectsNew = false
  let wakeUp: () => void = () => {}
  let cut = linkSignals()

  const told = {
    status: undefined as PodStatus | undefined,
    at: -Infinity,
    /** The pod as it was in the cache then. */
    pod: undefined as Pod | undefined,
    /** Monotonic, as `at`. */
    checkAt: undefined as number | undefined,
    pending: undefined as NodeJS.Timeout | undefined,
    /** Sends what waits for the pod to settle. */
    flush: () => {},
  }

  const wake = (why?: 'objects') => {
    isWoken = true
    if (why === 'objects') areObjectsNew = true
    wakeUp()
  }
  const prober: Prober = createProber({ ...parts, emit, onChange: () => wake() })

  /** Until a monotonic time. */
  const rest = async (untilMs: number | undefined, signal: AbortSignal) => {
    if (isWoken || signal.aborted) return
    // setTimeout counts to 2^31 ms and wakes at once beyond.
    const delay = untilMs === undefined ? undefined : Math.min(2 ** 31 - 1, Math.max(0, untilMs - clock.monotonic()))
    await new Promise<void>((resolve) => {
      const timer = delay === undefined ? undefined : setTimeout(resolve, delay)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', wakeUp, { once: true })
    })
    signal.removeEventListener('abort', wakeUp)
    wakeUp = () => {}
  }

  type Look = { readonly steps: readonly Step[]; readonly activeMs: number | undefined }
  const tell = (pod: Pod, seen: SeenPod, { steps, activeMs }: Look) => {
    const now = clock.monotonic()
    if (steps.some(({ kind }) => kind === 'confirmDeleted')) told.flush()
    // A pod that is being taken apart has told how it ended before its containers were removed.
    if (pod.metadata.deletionTimestamp !== undefined && seen.containers.length === 0 && wasRunning(told.status ?? pod.status)) return
    const status = podStatus({
      pod,
      seen,
      memory,
      previous: told.status ?? pod.status,
      hostIP: parts.hostIP(),
      runtime: parts.runtime(),
      now: clock.monotonic(),
      wallNow: clock.now(),
      activeMs,
    })
    // Somebody else wrote our part of the status (a hub that thought us lost): say it again, once for each such change.
    const isOverruled = told.status !== undefined && pod !== told.pod && !isSameStory(pod.status, status)
    const isEcho = isOverruled && now - told.at > echoMs
    told.checkAt = isOverruled && !isEcho ? told.at + echoMs + 1 : undefined
    if (told.status !== undefined ? saysTheSame(status, told.status) && !isEcho : saysTheSame(status, pod.status)) {
      clearTimeout(told.pending)
      told.flush = () => {}
      told.status = status
      return
    }
    clearTimeout(told.pending)
    const send = () => {
      clearTimeout(told.pending)
      told.flush = () => {}
      announce(pod, told.status ?? pod.status, status)
      told.status = status
      told.at = clock.monotonic()
      told.pod = pod
      told.checkAt = undefined
      reportStatus(pod, status)
    }
    told.flush = send
    if (steps.length > 0) told.pending = setTimeout(send, settleMs)
    else send()
  }

  const announce = (pod: Pod, before: PodStatus | undefined, after: PodStatus) => {
    const reasonIn = (status: PodStatus | undefined, name: string) =>
      [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find((each) => each.name === name)?.state?.waiting
        ?.reason
    if (after.reason === 'DeadlineExceeded' && before?.reason !== after.reason) emit(pod, 'Normal', after.reason, after.message ?? '')
    for (const { name, state, image } of [...(after.initContainerStatuses ?? []), ...(after.containerStatuses ?? [])]) {
      const reason = state?.waiting?.reason
      if (reason === reasonIn(before, name)) continue
      if (reason === 'CrashLoopBackOff')
        emit(pod, 'Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${podFormat(pod)}`, name)
      if (reason === 'ImagePullBackOff') emit(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, name)
    }
  }

  /** Brings live volumes up to date, and lets what waited for an object try again at once. */
  const refreshObjects = async (context: StepContext) => {
    areObjectsNew = false
    for (const [name, failure] of memory.failures) {
      if (failure.reason === 'CreateContainerConfigError')
        remember({ failures: withEntry(memory.failures, name, { ...failure, retryAt: 0 }) })
    }
    if (memory.volumes.tag === 'failed') remember({ volumes: { ...memory.volumes, retryAt: 0 } })
    if (memory.volumes.tag !== 'mounted' || !context.pod) return
    try {
      await context.volumes.mount(context.pod, {
        objects: context.objects(context.pod.metadata.namespace ?? ''),
        node: nodeFacts(context),
        signal: context.signal,
        only: 'live',
      })
    } catch (error) {
      log.debug({ error }, 'volume keeps its old content') // a ConfigMap that was deleted takes nothing from running pods
    }
  }

  return {
    wake,
    interrupt() {
      cut.abort(new Error('the pod is wanted otherwise now'))
      wake()
    },
    async run(signal) {
      const backoff = createBackoff({ firstMs: 500, maxMs: 30_000 })
      cut = linkSignals(signal)
      try {
        while (!signal.aborted) {
          isWoken = false
          if (cut.signal.aborted) {
            cut = linkSignals(signal)
          }
          try {
            const pod = wanted()
            const seen = await observer.pod(uid, signal)
            if (pod) prober.sync(pod, seen)
            else prober.stop()
            remember({ probes: prober.states() })
            const context: StepContext = {
              ...parts,
              pod,
              uid,
              seen,
              memory: () => memory,
              remember,
              signal: cut.signal,
            }
            if (pod && areObjectsNew) await refreshObjects(context)
            const activeMs = pod && parts.activeTime.of(pod)
            const { steps, wakeAt } = plan({ wanted: pod, seen, memory, now: clock.monotonic(), activeMs })
            if (pod) tell(pod, seen, { steps, activeMs })
            if (steps.length === 0) {
              backoff.reset()
              if (!pod && memory.isCleaned) return
              await rest(earliest(wakeAt, told.checkAt, nextStatusChange(memory, clock.monotonic())), signal)
              continue
            }
            log.debug({ steps: steps.map(({ kind }) => kind) }, 'pod steps')
            await execute(steps, context)
            backoff.reset()
          } catch (error) {
            if (signal.aborted) return
            if (cut.signal.aborted) continue
            const retryMs = backoff.next()
            log.warn({ error, retryMs }, 'pod step failed, will be tried again')
            isWoken = false
            await rest(clock.monotonic() + retryMs, signal)
          }
        }
      } finally {
        cut[Symbol.dispose]()
        prober.stop()
        clearTimeout(told.pending)
      }
    },
  }
}

const wasRunning = (status: PodStatus | undefined) => (status?.containerStatuses ?? []).some(({ containerID }) => containerID !== undefined)

/** What readers act on is the same; times and wording aside. */
const isSameStory = (a: PodStatus | undefined, b: PodStatus): boolean => isDeepStrictEqual(story(a), story(b))
const story = (status: PodStatus | undefined) => ({
  phase: status?.phase,
  ip: status?.podIP,
  conditions: Object.fromEntries((status?.conditions ?? []).map(({ type, status }) => [type, status])),
  containers: [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(
    ({ name, ready, containerID, restartCount }) => ({
      name,
      ready,
      containerID,
      restartCount,
    }),
  ),
})

/** ErrImagePull turns into ImagePullBackOff, RunContainerError into CrashLoopBackOff, without anything happening. */
function nextStatusChange({ failures }: PodMemory, now: number): number | undefined {
  const times = [...failures.values()].filter(({ reason }) => turnsIntoBackOff(reason)).map(({ failedAt }) => failedAt + failureShownMs)
  return times.filter((time) => time > now).sort((a, b) => a - b)[0]
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
