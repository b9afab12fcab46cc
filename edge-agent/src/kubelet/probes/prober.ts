import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { Probe } from '@bramble/shared/types/probe.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Cri } from '../../cri/cri.ts'
import { expandWords, TooLong } from '../env/expand.ts'
import type { Verdict } from '../handlers/handler.ts'
import { runHandler } from '../handlers/run-handler.ts'
import type { ProbeState } from '../plan/memory.ts'
import type { EmitEvent } from '../parts.ts'
import { currentSandbox, isRunning, type SeenContainer, type SeenPod } from '../observed/seen.ts'

export type ProberDeps = {
  readonly cri: Cri
  readonly clock: Clock
  readonly log: Log
  readonly hostIP: () => string
  readonly emit: EmitEvent
  /** Something about this pod's probes changed. */
  readonly onChange: (uid: string) => void
}

/** Runs the probes of one pod's running containers; `states` is what they say now. */
export type Prober = {
  /** Starts what runs newly, stops what does not run any more. */
  sync(pod: Pod, seen: SeenPod): void
  states(): ReadonlyMap<string, ProbeState>
  stop(): void
}

export function createProber({ cri, clock, log, hostIP, emit, onChange }: ProberDeps): Prober {
  /** What runs at the first look was started by an agent before this one; what is seen later has just begun. */
  let isFirstLook = true
  const running = new Map<string, { readonly abort: AbortController; state: ProbeState; readonly pod: { current: Pod } }>()

  const start = (pod: Pod, container: Container, { seen, podIP, ranMs }: { seen: SeenContainer; podIP: string; ranMs: number }) => {
    const abort = new AbortController()
    const { startupProbe, livenessProbe, readinessProbe } = container
    // An adopted container is as ready as it was when we last knew: an agent that restarts takes no endpoint away.
    const before = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find(
      ({ containerID }) => containerID?.endsWith(`//${seen.id}`) === true,
    )
    const entry = {
      abort,
      pod: { current: pod },
      state: { isStarted: !startupProbe || before?.started === true, isReady: !readinessProbe || before?.ready === true } as ProbeState,
    }
    running.set(seen.id, entry)
    if (!startupProbe && !livenessProbe && !readinessProbe) return

    const { signal } = abort
    const set = (change: Partial<ProbeState>) => {
      if (signal.aborted) return
      const next = { ...entry.state, ...change }
      const isSame =
        next.isReady === entry.state.isReady && next.isStarted === entry.state.isStarted && next.unhealthy === entry.state.unhealthy
      entry.state = next
      if (!isSame) onChange(pod.metadata.uid ?? '')
    }
    const loop = (kind: 'Startup' | 'Liveness' | 'Readiness', probe: Probe, onResult: (isSuccess: boolean) => boolean) => {
      const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
      const target = { cri, container, containerId: seen.id, podIP: podIP || hostIP(), timeoutMs, signal }
      const check = async (): Promise<Verdict> => {
        try {
          return await runHandler(withVariables(probe, container), target)
        } catch (error) {
          if (error instanceof TooLong) return { outcome: 'failure', message: error.message }
          throw error
        }
      }
      const warn = quietly(
        (verdict) =>
          emit(
            entry.pod.current,
            'Warning',
            'Unhealthy',
            `${kind} probe ${verdict.outcome === 'error' ? 'errored' : 'failed'}: ${verdict.message}`,
            container.name,
          ),
        clock,
      )
      // Of a pod that is going only its readiness is still asked for: it is being stopped, whatever the others say.
      const isOver = () => kind !== 'Readiness' && entry.pod.current.metadata.deletionTimestamp !== undefined
      return probeLoop(probe, { check, warn, onResult, isOver, signal, ranMs })
    }

    const run = async () => {
      if (startupProbe && !entry.state.isStarted) {
        await loop('Startup', startupProbe, (isSuccess) => {
          if (isSuccess) set({ isStarted: true })
          else set({ unhealthy: { probe: 'startup', graceSeconds: startupProbe.terminationGracePeriodSeconds } })
          return false
        })
        if (!entry.state.isStarted) return
      }
      await Promise.all([
        livenessProbe &&
          loop('Liveness', livenessProbe, (isSuccess) => {
            if (!isSuccess) set({ unhealthy: { probe: 'liveness', graceSeconds: livenessProbe.terminationGracePeriodSeconds } })
            return isSuccess
          }),
        readinessProbe &&
          loop('Readiness', readinessProbe, (isReady) => {
            set({ isReady })
            return true
          }),
      ])
    }
    run().catch((error: unknown) => {
      if (!signal.aborted) log.error({ error, container: seen.id }, 'probes stopped')
    })
  }

  return {
    sync(pod, seen) {
      const alive = new Set(seen.containers.filter(isRunning).map(({ id }) => id))
      for (const [id, { abort }] of running) {
        if (alive.has(id)) continue
        abort.abort()
        running.delete(id)
      }
      const podIP = currentSandbox(seen)?.ips[0] ?? ''
      for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
        const last = seen.containers.find(({ name }) => name === container.name)
        if (!last || !isRunning(last)) continue
        const entry = running.get(last.id)
        if (entry) entry.pod.current = pod
        else start(pod, container, { seen: last, podIP, ranMs: isFirstLook ? ageOf(last, clock) : 0 })
      }
      isFirstLook = false
    },
    states: () => new Map([...running].map(([id, { state }]) => [id, state])),
    stop() {
      for (const { abort } of running.values()) abort.abort()
      running.clear()
    },
  }
}

/** By the wall clock, where that can be: an age that is negative, or longer than the machine is up, says that the clock was set meanwhile. */
function ageOf({ startedAt }: SeenContainer, clock: Clock): number {
  const ageMs = clock.now() - startedAt
  return ageMs >= 0 && ageMs <= clock.monotonic() ? ageMs : 0
}

/** The command of a probe, though not that of a hook, knows the variables that the container's own `env` writes out. */
function withVariables(probe: Probe, { env = [] }: Container): Probe {
  if (!probe.exec) return probe
  const values = new Map(env.map(({ name, value = '' }) => [name, value]))
  return { ...probe, exec: { ...probe.exec, command: expandWords(probe.exec.command ?? [], values) } }
}

type LoopDeps = {
  readonly check: () => Promise<Verdict>
  readonly warn: (verdict: Verdict) => void
  /** Told when a threshold is reached; answers whether to go on. */
  readonly onResult: (isSuccess: boolean) => boolean
  readonly isOver: () => boolean
  readonly signal: AbortSignal
  /** How long the container has run already. */
  readonly ranMs: number
}

async function probeLoop(probe: Probe, { check, warn, onResult, isOver, signal, ranMs }: LoopDeps): Promise<void> {
  const periodMs = (probe.periodSeconds ?? 10) * 1000
  const delayMs = (probe.initialDelaySeconds ?? 0) * 1000 - ranMs
  if (delayMs > 0) await sleep(delayMs, signal)
  let run = 0
  let last: boolean | undefined
  while (!signal.aborted && !isOver()) {
    const verdict = await check()
    signal.throwIfAborted()
    if (isOver()) return
    if (verdict.outcome !== 'success') warn(verdict)
    // A check that could not be made says nothing about the container.
    if (verdict.outcome !== 'error') {
      const isSuccess = verdict.outcome === 'success'
      run = last === isSuccess ? run + 1 : 1
      last = isSuccess
      if (run >= (isSuccess ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)) && !onResult(isSuccess)) return
    }
    await sleep(periodMs, signal)
  }
}

// The same failure each second is one story; once a minute is enough to keep it alive.
const repeatMs = 60_000

function quietly(tell: (verdict: Verdict) => void, clock: Clock): (verdict: Verdict) => void {
  let toldAt = -Infinity
  let told = ''
  return (verdict) => {
    const now = clock.monotonic()
    if (verdict.message === told && now - toldAt < repeatMs) return
    told = verdict.message
    toldAt = now
    tell(verdict)
  }
}
