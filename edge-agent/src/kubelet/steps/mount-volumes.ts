import { nextRetry } from '../memory.ts'
import { nodeFacts, type StepContext, type StepResult } from '../parts.ts'

const retry = { firstMs: 500, maxMs: 120_000 }

export async function mountVolumes(context: StepContext): Promise<StepResult> {
  const { pod, volumes, objects, memory, remember, emit, clock } = context
  if (!pod) return 'failed'
  try {
    const paths = await volumes.mount(pod, { objects: objects(pod.metadata.namespace ?? ''), node: nodeFacts(context) })
    remember({ volumes: { tag: 'mounted', paths } })
    return 'done'
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const before = memory().volumes
    const previous = before.tag === 'failed' ? before : undefined
    // Told at the second try, and when it has become something else: an object that the pod names arrives a moment after the pod itself.
    if (previous !== undefined && (previous.delayMs === retry.firstMs || previous.message !== message))
      emit(pod, 'Warning', 'FailedMount', message)
    remember({ volumes: { tag: 'failed', ...nextRetry(previous, { message, now: clock.monotonic(), ...retry }) } })
    return 'failed'
  }
}
