import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { EphemeralContainer } from '@bramble/shared/types/ephemeral-container.ts'
import { currentSandbox, isRunning, latest, type SeenContainer, type SeenPod, type SeenSandbox } from '../observed/seen.ts'
import { type PodMemory, retryWaitUntil } from './memory.ts'
import type { Plan, Step } from './step.ts'

export type EphemeralInput = {
  readonly pod: Pod
  readonly seen: SeenPod
  readonly memory: PodMemory
  readonly sandbox: SeenSandbox
  /** Monotonic. */
  readonly now: number
}

/**
 * The containers with which somebody looks into the pod, whether or not its own have begun. Each runs once: whatever becomes of it, also
 * with its sandbox or with all that the runtime remembers, it does not run again.
 */
export function ephemeralSteps({ pod, seen, memory, sandbox, now }: EphemeralInput): Plan {
  const steps: Step[] = []
  let wakeAt: number | undefined
  for (const container of pod.spec.ephemeralContainers ?? []) {
    const { name } = container
    const last = latest(seen, name)
    // Made by an agent that died before it started it.
    if (last?.state === 'created') steps.push({ kind: 'removeContainer', id: last.id, name, restartCount: last.restartCount })
    const fetch = memory.fetches.get(name)
    if (last !== undefined || wasTold(pod, name) || fetch?.tag === 'underWay') continue
    const retryAt = retryWaitUntil(memory.failures.get(name), now)
    if (retryAt !== undefined) wakeAt = Math.min(wakeAt ?? Infinity, retryAt)
    else if (fetch === undefined) steps.push({ kind: 'fetchImage', name })
    else if (missingTarget(container, seen) === undefined)
      steps.push({ kind: 'startContainer', name, sandboxId: sandbox.id, restartCount: 0, imageId: fetch.imageId })
  }
  return { steps, wakeAt }
}

/** The API knows that it ran, also where the runtime has forgotten. */
const wasTold = ({ status }: Pod, name: string): boolean =>
  (status?.ephemeralContainerStatuses ?? []).some((each) => each.name === name && each.containerID !== undefined)

/** The running container among whose processes this one is to be; undefined when it names none, or when that one does not run. */
export function targetOf({ targetContainerName = '' }: EphemeralContainer, seen: SeenPod): SeenContainer | undefined {
  const target = latest(seen, targetContainerName)
  return target !== undefined && isRunning(target) && target.sandboxId === currentSandbox(seen)?.id ? target : undefined
}

/** Why the container waits for the one that it names; undefined when it does not. The pod is looked at anew when that one starts. */
export function missingTarget(container: EphemeralContainer, seen: SeenPod): string | undefined {
  const { targetContainerName: name = '' } = container
  return name === '' || targetOf(container, seen) !== undefined ? undefined : `target container ${JSON.stringify(name)} is not running`
}
