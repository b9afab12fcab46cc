import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import { restartsAfter } from '@bramble/shared/kinds/rules/restart-policy.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { ephemeralSteps } from './ephemeral.ts'
import { garbage } from './garbage.ts'
import { crashWaitUntil, type PodMemory, retryWaitUntil } from './memory.ts'
import { hashOf, isSidecar } from '../wanted/pod-facts.ts'
import { deadlineInMs, outcomeOf } from './pod-outcome.ts'
import { currentSandbox, isRunning, latest, type SeenContainer, type SeenPod, type SeenSandbox } from '../observed/seen.ts'
import type { Plan, Step } from './step.ts'

export type PlanInput = {
  /** Undefined when the API knows the pod no more. */
  readonly wanted: Pod | undefined
  readonly seen: SeenPod
  readonly memory: PodMemory
  /** Monotonic, as all that is remembered. */
  readonly now: number
  /** How long the pod has been active, by a clock that nobody sets. */
  readonly activeMs?: number
}

/** What to do next for one pod. Pure: the same input gives the same steps; called again after they were done, until there are none. */
export function plan(input: PlanInput): Plan {
  const { wanted, seen, memory } = input
  if (!wanted) return { steps: removePod(seen, memory) }
  if (wanted.metadata.deletionTimestamp !== undefined) {
    const { deletionGracePeriodSeconds } = wanted.metadata
    const graceSeconds = deletionGracePeriodSeconds ?? wanted.spec.terminationGracePeriodSeconds
    const stops = stopAll(wanted, seen, () => graceSeconds)
    if (stops.length > 0) return { steps: stops }
    const rest = removePod(seen, memory)
    return { steps: rest.length > 0 || memory.isConfirmed ? rest : [{ kind: 'confirmDeleted' }] }
  }
  if (hasEnded(wanted) || outcomeOf(wanted, seen, input)) return endPod(wanted, seen, memory)
  return runPod(wanted, input)
}

/** Kubernetes gives a process at least this long, whatever was asked. */
const leastGraceSeconds = 1

function removePod(seen: SeenPod, memory: PodMemory): readonly Step[] {
  const running = seen.containers.filter(isRunning)
  if (running.length > 0) {
    return running.map(({ id, name, graceSeconds }) => ({
      kind: 'stopContainer',
      id,
      name,
      graceSeconds: Math.max(leastGraceSeconds, graceSeconds),
      isShared: true,
    }))
  }
  const sandboxes = seen.sandboxes.flatMap(({ id, isReady }): Step[] => [
    ...(isReady ? [{ kind: 'stopSandbox' as const, id }] : []),
    { kind: 'removeSandbox', id },
  ])
  if (sandboxes.length > 0) return sandboxes
  // Made by a call that ended after its sandbox was removed.
  if (seen.containers.length > 0)
    return seen.containers.map(({ id, name, restartCount }) => ({ kind: 'removeContainer', id, name, restartCount }))
  return memory.isCleaned ? [] : [{ kind: 'cleanPod' }]
}

/** Everything down, everything kept that tells how it went. */
function endPod(pod: Pod, seen: SeenPod, memory: PodMemory): Plan {
  const stops = stopAll(pod, seen, () => pod.spec.terminationGracePeriodSeconds)
  if (stops.length > 0) return { steps: stops }
  return {
    steps: [
      ...seen.sandboxes.filter(({ isReady }) => isReady).map(({ id }) => ({ kind: 'stopSandbox' as const, id })),
      ...(memory.volumes.tag === 'none' ? [] : [{ kind: 'unmountVolumes' as const }]),
      ...garbage(seen),
    ],
  }
}

/** Main containers first and together, then sidecars from the last to the first. The hooks of all of them run at once. */
function stopAll(pod: Pod, seen: SeenPod, graceOf: (container: SeenContainer) => number): readonly Step[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name)
  const rankOf = ({ name }: SeenContainer) => sidecars.length - 1 - (sidecars.includes(name) ? sidecars.indexOf(name) : sidecars.length)
  const running = seen.containers.filter(isRunning).toSorted((a, b) => rankOf(a) - rankOf(b))
  return running.map((container) => {
    const after = running.filter((other) => rankOf(other) < rankOf(container)).map(({ id }) => id)
    return {
      kind: 'stopContainer',
      id: container.id,
      name: container.name,
      graceSeconds: Math.max(leastGraceSeconds, graceOf(container)),
      isShared: true,
      ...(after.length === 0 ? {} : { after }),
      why: `Stopping container ${container.name}`,
    }
  })
}

function runPod(pod: Pod, input: PlanInput): Plan {
  const { seen, memory, now } = input
  const sandbox = currentSandbox(seen)
  if (!sandbox) return replaceSandbox(pod, input)

  const steps: Step[] = []
  let wakeAt = deadlineOf(pod, input)
  const until = (time: number) => (wakeAt = Math.min(wakeAt ?? Infinity, time))

  if (memory.volumes.tag !== 'mounted') {
    const retryAt = memory.volumes.tag === 'failed' ? retryWaitUntil(memory.volumes, now) : undefined
    if (retryAt !== undefined) return { steps: [], wakeAt: retryAt }
    steps.push({ kind: 'mountVolumes' })
  }
  for (const { id, isReady } of seen.sandboxes) if (isReady && id !== sandbox.id) steps.push({ kind: 'stopSandbox', id })
  for (const container of seen.containers) {
    if (isRunning(container) && container.sandboxId !== sandbox.id) steps.push(stopFor(pod, container))
  }

  const looking = ephemeralSteps({ pod, seen, memory, sandbox, now })
  steps.push(...looking.steps)
  if (looking.wakeAt !== undefined) until(looking.wakeAt)
  for (const container of containersNow(pod, seen, memory, sandbox)) {
    const { action, at } = decide({ pod, container, seen, memory, sandbox, now })
    steps.push(...action)
    if (at !== undefined) until(at)
  }
  steps.push(...garbage(seen))
  return { steps, wakeAt }
}

/** The containers whose turn it is: the init containers up to the first that is not through, then all the others. */
function containersNow(pod: Pod, seen: SeenPod, memory: PodMemory, sandbox: SeenSandbox): readonly Container[] {
  const { initContainers = [], containers } = pod.spec
  const isInSandbox = (name: string) => latest(seen, name)?.sandboxId === sandbox.id
  const isInitialized = containers.some(({ name }) => isInSandbox(name))
  if (isInitialized) return [...initContainers.filter(isSidecar), ...containers]
  const now: Container[] = []
  for (const container of initContainers) {
    const seenContainer = latest(seen, container.name)
    const here = seenContainer?.sandboxId === sandbox.id ? seenContainer : undefined
    if (isSidecar(container)) {
      now.push(container)
      if (here?.state !== 'running' || !memory.probes.get(here.id)?.isStarted) return now
    } else if (here?.state !== 'exited' || here.exitCode !== 0) {
      return [...now, container]
    }
  }
  return [...now, ...containers]
}

type Decision = { readonly action: readonly Step[]; readonly at?: number }
type Subject = {
  readonly pod: Pod
  readonly container: Container
  readonly seen: SeenPod
  readonly memory: PodMemory
  readonly sandbox: SeenSandbox
  readonly now: number
}

function decide({ pod, container, seen, memory, sandbox, now }: Subject): Decision {
  const { name } = container
  const last = latest(seen, name)
  const start = (restartCount: number, endedAt?: number): Decision => {
    const failure = memory.failures.get(name)
    const retryAt = failure?.image === (container.image ?? '') ? retryWaitUntil(failure, now) : undefined
    if (retryAt !== undefined) return { action: [], at: retryAt }
    return {
      action: [{ kind: 'startContainer', name, sandboxId: sandbox.id, restartCount, ...(endedAt === undefined ? {} : { endedAt }) }],
    }
  }
  if (!last) return start(knownRestarts(pod, name))
  const again = Math.max(last.restartCount + 1, 0)

  switch (last.state) {
    case 'running': {
      if (last.sandboxId !== sandbox.id) return { action: [] }
      const unhealthy = memory.probes.get(last.id)?.unhealthy
      if (unhealthy) {
        const why = `Container ${name} failed ${unhealthy.probe} probe, will be restarted`
        return { action: [stopFor(pod, last, why, unhealthy.graceSeconds)] }
      }
      if (last.hash !== hashOf(container)) {
        return { action: [stopFor(pod, last, `Container ${name} definition changed, will be restarted`)] }
      }
      return { action: [] }
    }
    case 'created':
    case 'unknown':
      // Left behind by an agent or a runtime that died between two calls.
      return { action: [{ kind: 'removeContainer', id: last.id, name, restartCount: last.restartCount }] }
    case 'exited': {
      const isChanged = last.hash !== hashOf(container)
      if (!isChanged && !shouldRestart(pod, container, last, last.sandboxId === sandbox.id)) return { action: [] }
      const waitUntil = isChanged ? undefined : crashWaitUntil(memory.crashes.get(name), last.endedAt, now)
      return waitUntil === undefined ? start(again, last.endedAt) : { action: [], at: waitUntil }
    }
    default:
      throw new Error('unreachable', { cause: last.state satisfies never })
  }
}

/** Whether a container that ended is to run again; an init container also does in a new sandbox. */
function shouldRestart(pod: Pod, container: Container, last: SeenContainer, isInSandbox: boolean): boolean {
  const restarts = restartsAfter(container, pod.spec, last.exitCode)
  return isInitOnly(pod, container) ? !isInSandbox || (last.exitCode !== 0 && restarts) : restarts
}

const isInitOnly = (pod: Pod, container: Container) =>
  !isSidecar(container) && (pod.spec.initContainers ?? []).some(({ name }) => name === container.name)

/** When the runtime has forgotten a container (its state was on a card that was changed), the API still knows how often it ran. */
function knownRestarts({ status }: Pod, name: string): number {
  const known = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(
    (container) => container.name === name,
  )
  return known?.containerID === undefined ? 0 : known.restartCount + 1
}

function stopFor(pod: Pod, { id, name }: SeenContainer, why = `Stopping container ${name}`, graceSeconds?: number): Step {
  const grace = graceSeconds ?? pod.spec.terminationGracePeriodSeconds
  return { kind: 'stopContainer', id, name, graceSeconds: Math.max(leastGraceSeconds, grace), why }
}

function replaceSandbox(pod: Pod, input: PlanInput): Plan {
  const { seen, memory, now } = input
  const deadline = deadlineOf(pod, input)
  const running = seen.containers.filter(isRunning)
  if (running.length > 0) return { steps: running.map((container) => stopFor(pod, container)) }
  const { volumes, sandboxFailure } = memory
  const volumesAt = volumes.tag === 'failed' ? retryWaitUntil(volumes, now) : undefined
  const retryAt = Math.max(volumesAt ?? 0, retryWaitUntil(sandboxFailure, now) ?? 0, dueAt(pod, seen, memory, now))
  if (retryAt > now) return { steps: [], wakeAt: Math.min(retryAt, deadline ?? Infinity) }
  const attempt = (seen.sandboxes[0]?.attempt ?? -1) + 1
  return {
    steps: [
      ...(volumes.tag === 'mounted' ? [] : [{ kind: 'mountVolumes' as const }]),
      { kind: 'makeSandbox', attempt, replaces: seen.sandboxes.map(({ id }) => id) },
    ],
    wakeAt: deadline,
  }
}

/** A pod whose every container ended and waits to be started again needs no sandbox before the first of them is due. */
function dueAt({ spec }: Pod, seen: SeenPod, { crashes }: PodMemory, now: number): number {
  if (spec.initContainers?.length) return 0
  const waits = spec.containers.map(({ name }) => {
    const last = latest(seen, name)
    return last?.state === 'exited' ? (crashWaitUntil(crashes.get(name), last.endedAt, now) ?? 0) : 0
  })
  return Math.min(...waits)
}

function deadlineOf(pod: Pod, input: PlanInput): number | undefined {
  const restMs = deadlineInMs(pod, input)
  return restMs === undefined ? undefined : input.now + restMs
}
