import { type Fetch, withEntry } from '../plan/memory.ts'
import type { StepContext, StepResult } from '../parts.ts'
import type { StepOf } from '../plan/step.ts'
import { unsupportedEphemeral } from '../wanted/unsupported.ts'
import { ensureImage, StartProblem } from './ensure-image.ts'
import { isImageFailure, rememberFailure } from './start-failure.ts'

/**
 * Begins to fetch the image of a container with which somebody looks into the pod, and does not wait for it: on a slow link that is
 * minutes, in which the pod's own containers are told of and restarted as always.
 */
export async function fetchImage({ name }: StepOf<'fetchImage'>, context: StepContext): Promise<StepResult> {
  const { pod, memory, remember, beside, signal } = context
  const container = pod?.spec.ephemeralContainers?.find((each) => each.name === name)
  if (!pod || !container) return 'failed'
  const keep = (fetch: Fetch | undefined) => remember({ fetches: withEntry(memory().fetches, name, fetch) })
  keep({ tag: 'underWay' })
  beside.run(async () => {
    try {
      const refusal = unsupportedEphemeral(pod, name)
      if (refusal !== undefined) throw new StartProblem('CreateContainerConfigError', refusal)
      keep({ tag: 'here', imageId: await ensureImage(pod, container, context) })
      const failure = memory().failures.get(name)
      if (failure && isImageFailure(failure.reason)) remember({ failures: withEntry(memory().failures, name, undefined) })
    } catch (error) {
      keep(undefined)
      if (!signal.aborted) rememberFailure(error, { pod, container, context })
    }
  })
  return 'done'
}
