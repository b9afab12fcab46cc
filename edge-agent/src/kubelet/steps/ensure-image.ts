import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { isCriError } from '../../cri/cri-error.ts'
import { authFor } from '../image-auth.ts'
import type { StepContext } from '../parts.ts'
import { pullPolicyOf, withTag } from '../pod-facts.ts'

/** Why a container cannot be started; `reason` is what its status waits with. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
  readonly reason: string

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** Answers the id of the container's image, pulled if the policy says so. */
export async function ensureImage(pod: Pod, container: Container, context: StepContext): Promise<string> {
  const { cri, emit, pulling, signal, clock, objects } = context
  const image = withTag(container.image ?? '')
  const policy = pullPolicyOf(container)
  if (!isReference(image)) {
    const message = `Failed to apply default image tag "${container.image}": couldn't parse image name`
    emit(pod, 'Warning', 'InspectFailed', message, container.name)
    throw new StartProblem('InvalidImageName', message)
  }

  const present = policy === 'Always' ? undefined : await cri.imageStatus(image, { signal })
  if (present) {
    emit(pod, 'Normal', 'Pulled', `Container image "${container.image}" already present on machine`, container.name)
    return present.id
  }
  if (policy === 'Never') {
    emit(
      pod,
      'Warning',
      'ErrImageNeverPull',
      `Container image "${container.image}" is not present with pull policy of Never`,
      container.name,
    )
    throw new StartProblem('ErrImageNeverPull', `Container image "${container.image}" is not present with pull policy of Never`)
  }
  return pulling(async () => {
    const arrived = policy === 'IfNotPresent' ? await cri.imageStatus(image, { signal }) : undefined
    if (arrived) return arrived.id // another pod's pull brought it
    emit(pod, 'Normal', 'Pulling', `Pulling image "${container.image}"`, container.name)
    const startedAt = clock.monotonic()
    try {
      const found = (pod.spec.imagePullSecrets ?? []).map(({ name = '' }) =>
        objects(pod.metadata.namespace ?? '').secret(name, { optional: true }),
      )
      const auth = authFor(
        image,
        found.filter((secret) => secret !== undefined),
      )
      await cri.pullImage(image, { auth, signal })
    } catch (error) {
      if (!isCriError(error)) throw error
      emit(pod, 'Warning', 'Failed', `Failed to pull image "${container.image}": ${error.message}`, container.name)
      throw new StartProblem('ErrImagePull', error.message, { cause: error })
    }
    const seconds = ((clock.monotonic() - startedAt) / 1000).toFixed(1)
    emit(pod, 'Normal', 'Pulled', `Successfully pulled image "${container.image}" in ${seconds}s`, container.name)
    const pulled = await cri.imageStatus(image, { signal })
    if (!pulled) throw new StartProblem('ErrImagePull', `image "${container.image}" is gone right after it was pulled`)
    return pulled.id
  }, signal)
}

// distribution/reference: lower-case path, optional registry with port, tag, digest.
const isReference = (image: string) =>
  /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(image)
