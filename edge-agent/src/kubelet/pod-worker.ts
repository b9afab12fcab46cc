import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createBeside } from './steps/beside.ts'
import { execute } from './steps/execute.ts'
import { createLeftBehind } from './steps/left-behind.ts'
import { emptyMemory, type PodMemory, withEntry } from './plan/memory.ts'
import type { Observer } from './observed/observe.ts'
import { nodeFacts, type KubeletParts, type StepContext } from './parts.ts'
import { plan } from './plan/plan.ts'
import { createProber, type Prober } from './probes/prober.ts'
import { createStatusReporter } from './status/status-reporter.ts'

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

export function createPodWorker({ uid, parts, observer, wanted, reportStatus }: PodWorkerDeps): PodWorker {
  const { clock, emit } = parts
  const log = parts.log.with({ uid })
  let memory: PodMemory = emptyMemory()
  const remember = (change: Partial<PodMemory>) => (memory = { ...memory, ...change })
  let isWoken = false
  let areObjectsNew = false
  let wakeUp: () => void = () => {}
  let cut = linkSignals()

  const reporter = createStatusReporter({ parts, memory: () => memory, reportStatus })

  const wake = (why?: 'objects') => {
    isWoken = true
    if (why === 'objects') areObjectsNew = true
    wakeUp()
  }
  const prober: Prober = createProber({ ...parts, emit, onChange: () => wake() })

  /** Until a monotonic time. */
  const rest = async (untilMs: number, signal: AbortSignal) => {
    if (isWoken || signal.aborted) return
    // setTimeout counts to 2^31 ms and wakes at once beyond.
    const delay = Math.min(2 ** 31 - 1, Math.max(0, untilMs - clock.monotonic()))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delay)
      wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', wakeUp, { once: true })
    })
    signal.removeEventListener('abort', wakeUp)
    wakeUp = () => {}
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
      const leftBehind = createLeftBehind(signal, (error) => log.warn({ error }, 'what a pod that is gone left could not be removed'))
      const beside = createBeside(wake)
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
              leftBehind,
              beside,
            }
            if (pod && areObjectsNew) await refreshObjects(context)
            const activeMs = pod && parts.activeTime.of(pod)
            const { steps, wakeAt } = plan({ wanted: pod, seen, memory, now: clock.monotonic(), activeMs })
            if (pod) reporter.tell(pod, { seen, steps, activeMs })
            if (steps.length === 0) {
              backoff.reset()
              if (!pod && memory.isCleaned) return
              await rest(Math.min(wakeAt ?? Infinity, reporter.lookAgainAt()), signal)
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
        cut.abort(new Error('nobody works for the pod any more'))
        prober.stop()
        reporter.stop()
        await Promise.all([leftBehind.ended(), beside.ended()])
      }
    },
  }
}
