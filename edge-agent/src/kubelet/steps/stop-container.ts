import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import type { LifecycleHandler } from '@bramble/shared/types/lifecycle.ts'
import { runHandler } from '../handlers/run-handler.ts'
import type { StepContext, StepResult } from '../parts.ts'
import type { StepOf } from '../plan/step.ts'

// What is left for a process when hooks, or the containers before it, used up the whole grace.
const leastAfterHookSeconds = 2

/**
 * Runs preStop, waits for its turn while there is grace, asks the container to stop, kills it when its grace is over; answers when it is
 * down. A turn that fails leaves the container running.
 */
export async function stopContainer(step: StepOf<'stopContainer'>, context: StepContext, turn?: Promise<unknown>): Promise<StepResult> {
  const { id, name, why } = step
  const { pod, seen, cri, emit, clock, signal } = context
  const graceSeconds = graceLeft(step, context)
  if (pod && why !== undefined) emit(pod, 'Normal', 'Killing', why, name)
  const container = [...(pod?.spec.containers ?? []), ...(pod?.spec.initContainers ?? [])].find((each) => each.name === name)
  const preStop = container?.lifecycle?.preStop ?? rememberedHook(seen.containers.find((each) => each.id === id)?.preStop)
  const startedAt = clock.monotonic()
  using deadline = createDeadline(graceSeconds * 1000, signal)
  if (preStop && graceSeconds > 0) {
    const target = {
      cri,
      container: container ?? { name, resources: {}, terminationMessagePath: '', terminationMessagePolicy: 'File' as const },
      containerId: id,
      podIP: seen.sandboxes[0]?.ips[0] || context.hostIP(), // in the network of the host it has none of its own
      timeoutMs: graceSeconds * 1000,
      signal: deadline.signal,
    }
    const verdict = await runHandler(preStop, target).catch((error: unknown) => {
      signal.throwIfAborted()
      return { outcome: 'failure' as const, message: error instanceof Error ? error.message : String(error) }
    })
    if (pod && verdict.outcome !== 'success') emit(pod, 'Warning', 'FailedPreStopHook', `PreStopHook failed: ${verdict.message}`, name)
  }
  if (turn) await Promise.race([turn, whenAborted(deadline.signal)])
  signal.throwIfAborted()
  const used = Math.floor((clock.monotonic() - startedAt) / 1000)
  const least = preStop ? leastAfterHookSeconds : Math.min(graceSeconds, leastAfterHookSeconds)
  await cri.stopContainer(id, Math.max(least, graceSeconds - used), { signal })
  return 'done'
}

/** What the containers that stopped before left of the pod's one grace: a sidecar outlives them, and not by another grace. */
function graceLeft({ graceSeconds, isShared }: StepOf<'stopContainer'>, { uid, endings, clock }: StepContext): number {
  if (!isShared) return graceSeconds
  const used = Math.floor((clock.monotonic() - endings.since(uid)) / 1000)
  return used === 0 ? graceSeconds : Math.max(Math.min(graceSeconds, leastAfterHookSeconds), graceSeconds - used)
}

/** The hook that the container was made with, for a pod whose spec is gone. */
function rememberedHook(json: string | undefined): LifecycleHandler | undefined {
  if (!json) return undefined
  try {
    return JSON.parse(json) as LifecycleHandler // written by us, from a checked pod
  } catch {
    return undefined
  }
}
