import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Container } from '@bramble/shared/types/container.ts'
import { containerConfig, needsImageUser, runAsNonRootRefusal } from '../config/container-config.ts'
import { containerMounts } from '../config/container-mounts.ts'
import { envObjects } from '../env/env-objects.ts'
import { resolveEnv } from '../env/env.ts'
import { runHandler } from '../handlers/run-handler.ts'
import { targetOf } from '../plan/ephemeral.ts'
import { nextCrashBackoff, withEntry } from '../plan/memory.ts'
import { nodeFacts, type StepContext, type StepResult } from '../parts.ts'
import { currentSandbox } from '../observed/seen.ts'
import type { StepOf } from '../plan/step.ts'
import { ensureImage, StartProblem } from './ensure-image.ts'
import { resolverMount } from '../config/resolver-files.ts'
import { sandboxConfigOf } from './make-sandbox.ts'
import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import { rememberFailure } from './start-failure.ts'

/** Image, configuration, create, start, postStart: what Kubernetes does to start one container, with its events. */
export async function startContainer(step: StepOf<'startContainer'>, context: StepContext): Promise<StepResult> {
  const { pod, memory, remember, clock, signal } = context
  const container = pod && containersOf(pod.spec).find(({ name }) => name === step.name)
  if (!pod || !container) return 'failed'
  const { name } = container
  try {
    const imageId = step.imageId ?? (await ensureImage(pod, container, context))
    if (step.endedAt !== undefined) {
      remember({
        crashes: withEntry(memory().crashes, name, nextCrashBackoff(memory().crashes.get(name), step.endedAt, clock.monotonic())),
      })
    }
    await run(pod, container, { step, imageId, context })
    remember({ failures: withEntry(memory().failures, name, undefined) })
    return 'done'
  } catch (error) {
    signal.throwIfAborted()
    rememberFailure(error, { pod, container, context })
    return 'failed'
  } finally {
    // Asked for again before the next try: it may be the image that has gone.
    if (step.imageId !== undefined) remember({ fetches: withEntry(memory().fetches, name, undefined) })
  }
}

type Run = { readonly step: StepOf<'startContainer'>; readonly imageId: string; readonly context: StepContext }

async function run(pod: Pod, container: Container, { step, imageId, context }: Run): Promise<void> {
  const { cri, emit, signal, starting } = context
  const { name } = container
  // With everything it takes: an environment is megabytes at the most, and only those who have their turn hold one.
  const id = await starting(async () => {
    const created = await create(pod, container, { step, imageId, context })
    emit(pod, 'Normal', 'Created', `Created container: ${name}`, name)
    try {
      await cri.startContainer(created)
    } catch (cause) {
      throw new StartProblem('RunContainerError', cause instanceof Error ? cause.message : String(cause), { cause })
    }
    emit(pod, 'Normal', 'Started', `Started container ${name}`, name)
    return created
  }, signal)

  const postStart = container.lifecycle?.postStart
  if (!postStart) return
  // Kubernetes sets no time limit here; the pod's deletion ends the wait.
  const podIP = nodeFacts(context).podIPs[0] ?? ''
  const verdict = await runHandler(postStart, { cri, container, containerId: id, podIP, timeoutMs: 3_600_000, signal })
  if (verdict.outcome === 'success') return
  emit(pod, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${verdict.message}`, name)
  await cri.stopContainer(id, pod.spec.terminationGracePeriodSeconds)
  throw new StartProblem('PostStartHookError', `PostStartHook failed: ${verdict.message}`)
}

/** The container made of its image and its configuration; answers its id. */
async function create(pod: Pod, container: Container, { step, imageId, context }: Run): Promise<string> {
  const { cri, instance, limits, emit, objects, paths, seen, signal, leftBehind } = context
  const { name } = container
  const { restartCount, sandboxId } = step
  const node = nodeFacts(context)
  const sandbox = currentSandbox(seen)

  const taken = await envObjects(container, objects(pod.metadata.namespace ?? ''))
  const resolved = resolveEnv({ pod, container, objects: taken, node })
  if ('problem' in resolved) throw new StartProblem('CreateContainerConfigError', resolved.problem)
  if (resolved.skipped.length > 0) {
    emit(
      pod,
      'Warning',
      'InvalidEnvironmentVariableNames',
      `Keys [${resolved.skipped.join(', ')}] were skipped since they are considered invalid`,
      name,
    )
  }
  if (resolved.garbled.length > 0) {
    const why = 'are not UTF-8, and no variable can hold them as they are: mount the Secret as a volume'
    emit(pod, 'Warning', 'GarbledEnvironmentVariables', `The bytes of [${resolved.garbled.join(', ')}] ${why}`, name)
  }
  const imageUser = needsImageUser(pod, container) ? (await cri.imageInfo(imageId, { signal }))?.user : undefined
  const refusal = runAsNonRootRefusal(pod, container, imageUser)
  if (refusal !== undefined) throw new StartProblem('CreateContainerConfigError', refusal)
  if (!limits.hasMemoryCgroup && container.resources.limits?.['memory'] !== undefined) {
    const how = 'add cgroup_enable=memory cgroup_memory=1 to the kernel command line and reboot'
    emit(
      pod,
      'Warning',
      'MemoryLimitIgnored',
      `The kernel of this node has no memory cgroup, so container ${name} runs without its limit: ${how}`,
      name,
    )
  }
  const bound = await containerMounts(pod, container, { restartCount, env: resolved.env, context })
  const mounts = [
    ...bound,
    ...(await resolverMount(pod, container, context)).filter(
      ({ containerPath }) => !bound.some((each) => each.containerPath === containerPath),
    ),
  ]

  const config = containerConfig({
    pod,
    container,
    restartCount,
    instance,
    imageRef: imageId,
    imageUser,
    env: resolved.env,
    mounts,
    limits,
    targetId: targetOf(container, seen)?.id,
  })
  const sandboxOptions = await sandboxConfigOf(context, sandbox?.attempt ?? 0)
  const { namespace = '', uid = '' } = pod.metadata
  await mkdir(join(paths.podLogs({ namespace, name: pod.metadata.name, uid }), dirname(config.logPath ?? '')), { recursive: true })
  // A pod that is deleted does not wait for it: an image whose /etc/passwd is a FIFO holds this call until its deadline, four minutes.
  return leftBehind.call(
    (within) => cri.createContainer(sandboxId, config, sandboxOptions, { signal: within }),
    (id) => cri.removeContainer(id),
    signal,
  )
}
