import { nextRetry } from '../plan/memory.ts'
import { nodeFacts, type StepContext, type StepResult } from '../parts.ts'

const retry = { firstMs: 500, maxMs: 120_000 }

export async function mountVolumes(context: StepContext): Promise<StepResult> {
  const { pod, volumes, objects, memory, remember, emit, clock, signal } = context
  if (!pod) return 'failed'
  try {
    const paths = await volumes.mount(pod, { objects: objects(pod.metadata.namespace ?? ''), node: nodeFacts(context), signal })
    remember({ volumes: { tag: 'mounted', paths } })
    return 'done'
  } catch (error) {
    signal.throwIfAborted()
    const message = error instanceof Error ? error.message : String(error)
    const before = memory().volumes
    const previous = before.tag === 'failed' ? before : undefined
    // Told at the second try that says the same: the objects that the pod names arrive a moment after the pod itself, and each says another.
    const isSame = previous?.message === message
    if (isSame && !previous.isTold) emit(pod, 'Warning', 'FailedMount', message)
    remember({ volumes: { tag: 'failed', isTold: isSame, ...nextRetry(previous, { message, now: clock.monotonic(), ...retry }) } })
    return 'failed'
  }
}
