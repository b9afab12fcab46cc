import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { pullPolicyOf } from '@bramble/shared/kinds/rules/pull-policy.ts'
import type { Secret } from '@bramble/shared/kinds/secret.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import type { RegistryAuth } from '../../cri/cri.ts'
import { CriError, isCriError } from '../../cri/cri-error.ts'
import type { Objects } from '../env/env.ts'
import { authsFor } from '../images/image-auth.ts'
import type { StepContext } from '../parts.ts'
import { hashOf, withTag } from '../wanted/pod-facts.ts'
import { isUnreachable } from '../images/unreachable.ts'

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
  const policy = container.imagePullPolicy ?? pullPolicyOf(container.image ?? '')
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
      const missing: string[] = []
      const auths = authsFor(image, pullSecrets(pod, objects(pod.metadata.namespace ?? ''), missing))
      if (missing.length > 0) {
        const why = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
        emit(pod, 'Warning', 'FailedToRetrieveImagePullSecret', why, container.name)
      }
      await pullWith(auths, (auth) => cri.pullImage(image, { auth, signal }))
    } catch (error) {
      if (!isCriError(error)) throw error
      const known = policy === 'Always' && isUnreachable(error) ? await ranBefore(container, image, context) : undefined
      if (known !== undefined) {
        const message = `Registry of image "${container.image}" cannot be reached, starting with the one that this pod ran before: ${error.message}`
        emit(pod, 'Warning', 'RegistryUnreachable', message, container.name)
        return known
      }
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

/** Those of the pod's pull secrets that there are, read one at a time; `missing` gets the names of the others. */
function* pullSecrets(pod: Pod, objects: Objects, missing: string[]): Generator<Secret> {
  for (const name of new Set((pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => name))) {
    const secret = objects.secret(name, { optional: true })
    if (secret === undefined) missing.push(name)
    else yield secret
  }
}

/** Every credential in turn, as the kubelet: without any the pull is anonymous, with some it never is. Throws what each was answered. */
async function pullWith(auths: readonly RegistryAuth[], pull: (auth: RegistryAuth | undefined) => Promise<unknown>): Promise<void> {
  const refusals: CriError[] = []
  for (const auth of auths.length === 0 ? [undefined] : auths) {
    try {
      await pull(auth)
      return
    } catch (error) {
      if (!isCriError(error)) throw error
      refusals.push(error)
      if (isUnreachable(error)) break // whoever asks
    }
  }
  const [first] = refusals
  const messages = [...new Set(refusals.map(({ message }) => message))]
  if (first !== undefined)
    throw messages.length === 1 ? first : new CriError(first.code, first.method, `[${messages.join(', ')}]`, { cause: first })
}

/**
 * The id of the image that is here, if this very pod has run this container with it on this node: a policy of Always asks whether there
 * is a newer one, and whether the pod may have it, and this pod was answered. What another pod brought proves nothing.
 */
async function ranBefore(container: Container, image: string, { cri, pod, seen, signal }: StepContext): Promise<string | undefined> {
  const present = await cri.imageStatus(image, { signal })
  if (!present) return undefined
  const isOnRuntime = seen.containers.some(
    ({ name, hash, startedAt }) => name === container.name && hash === hashOf(container) && startedAt > 0,
  )
  // A runtime that began anew has forgotten its containers; the status was ours before it was the API's.
  const told = [...(pod?.status?.containerStatuses ?? []), ...(pod?.status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === container.name,
  )
  const isInStatus = told?.containerID !== undefined && [present.id, ...present.repoDigests].includes(told.imageID)
  return isOnRuntime || isInStatus ? present.id : undefined
}

// distribution/reference: lower-case path, optional registry with port, tag, digest.
const isReference = (image: string) =>
  /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(image)
