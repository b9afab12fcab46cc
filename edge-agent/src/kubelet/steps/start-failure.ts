import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { NotKept } from '../../cache/cache.ts'
import { EnvTooLarge } from '../env/env-objects.ts'
import { NotHeardYet } from '../env/env.ts'
import { nextRetry, withEntry } from '../plan/memory.ts'
import type { StepContext } from '../parts.ts'
import { StartProblem } from './ensure-image.ts'

const imageRetry = { firstMs: 10_000, maxMs: 300_000 }
const otherRetry = { firstMs: 2000, maxMs: 300_000 }

/** Remembers why a container did not start and when to try again, and tells it. */
export function rememberFailure(error: unknown, { pod, container, context }: FailedStart): void {
  const { memory, remember, emit, clock } = context
  const { name, image = '' } = container
  const { reason, message } =
    error instanceof StartProblem
      ? error
      : new StartProblem(
          waitsForObject(error) ? 'CreateContainerConfigError' : 'CreateContainerError',
          error instanceof Error ? error.message : String(error),
        )
  const previous = memory().failures.get(name)
  const isImage = isImageFailure(reason)
  const same = previous?.reason === reason && previous.image === image ? previous : undefined
  if (!(error instanceof NotHeardYet)) emit(pod, 'Warning', 'Failed', isImage ? `Error: ${reason}` : `Error: ${message}`, name)
  const failure = { reason, image, ...nextRetry(same, { message, now: clock.monotonic(), ...(isImage ? imageRetry : otherRetry) }) }
  remember({ failures: withEntry(memory().failures, name, failure) })
}

export type FailedStart = { readonly pod: Pod; readonly container: Container; readonly context: StepContext }

/** The image is what there was not. */
export const isImageFailure = (reason: string): boolean =>
  reason === 'ErrImagePull' || reason === 'ErrImageNeverPull' || reason === 'InvalidImageName'

/** What keeps the container is among the objects that it names, and is over when they change. */
const waitsForObject = (error: unknown) => error instanceof NotHeardYet || error instanceof NotKept || error instanceof EnvTooLarge
