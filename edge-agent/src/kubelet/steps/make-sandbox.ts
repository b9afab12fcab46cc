import { mkdir } from 'node:fs/promises'
import { removePodCgroups, setPodCgroup } from '../resources/cgroups.ts'
import { nextRetry } from '../plan/memory.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { isStatic } from '../../mirrors.ts'
import { instanceLabel, podNameLabel, podNamespaceLabel, podUidLabel } from '../observed/labels.ts'
import type { StepContext, StepResult } from '../parts.ts'
import { readNodeResolver } from '../config/node-resolver.ts'
import { sandboxConfig } from '../config/sandbox-config.ts'
import type { StepOf } from '../plan/step.ts'
import { unsupportedIn } from '../wanted/unsupported.ts'

// The network of a node that just started may take a moment to be configured.
const retry = { firstMs: 500, maxMs: 10_000 }

export async function makeSandbox({ attempt, replaces }: StepOf<'makeSandbox'>, context: StepContext): Promise<StepResult> {
  const { pod, uid, cri, emit, memory, remember, clock, starting, leftBehind, signal, instance, limits, hostPortTaken } = context
  if (!pod) return 'failed'
  try {
    if (await isSucceeding(pod, context)) {
      remember({ sandboxFailure: nextRetry(memory().sandboxFailure, { message: succeeds, now: clock.monotonic(), ...retry }) })
      return 'failed'
    }
    const refusal = unsupportedIn(pod) ?? hostPortTaken(pod)
    if (refusal !== undefined) throw new Error(refusal)
    for (const id of replaces) await cri.stopPodSandbox(id, { signal }) // gives its address back
    const config = await sandboxConfigOf(context, attempt)
    if (config.logDirectory) await mkdir(config.logDirectory, { recursive: true, mode: 0o755 })
    // A pod that is deleted does not wait for it: a network that does not come up holds this call until its deadline, four minutes.
    const run = (within: AbortSignal) => cri.runPodSandbox(config, { signal: within })
    const takeDown = async (id: string) => {
      await cri.stopPodSandbox(id)
      await cri.removePodSandbox(id)
      await removePodCgroups(instance, uid)
    }
    await starting(() => leftBehind.call(run, takeDown, signal), signal)
    await setPodCgroup(pod, instance, limits)
    remember({ sandboxFailure: undefined })
    if (replaces.length > 0) emit(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    return 'done'
  } catch (error) {
    signal.throwIfAborted()
    const message = error instanceof Error ? error.message : String(error)
    const previous = memory().sandboxFailure
    if (previous?.message !== message) emit(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${message}`)
    remember({ sandboxFailure: nextRetry(previous, { message, now: clock.monotonic(), ...retry }) })
    return 'failed'
  }
}

const succeeds = 'the pod of this name that was here before is still being stopped'

/** Of a manifest that has changed the pod of before is stopped first; of pods from the API the hub sees to that. */
async function isSucceeding(pod: Pod, { cri, instance, signal }: StepContext): Promise<boolean> {
  if (!isStatic(pod)) return false
  const { name, namespace = '', uid } = pod.metadata
  const labels = { [instanceLabel]: instance, [podNameLabel]: name, [podNamespaceLabel]: namespace }
  const sandboxes = await cri.listPodSandboxes({ labels }, { signal })
  return sandboxes.some((sandbox) => sandbox.state === 'SANDBOX_READY' && sandbox.labels[podUidLabel] !== uid)
}

/** Containers are made with the configuration of their sandbox, so it must come out the same both times. */
export async function sandboxConfigOf({ pod, paths, instance, nodeName, clusterDomain, clusterResolver }: StepContext, attempt: number) {
  if (!pod) throw new Error('a pod that is not wanted gets no sandbox')
  const { namespace = '', name, uid = '' } = pod.metadata
  return sandboxConfig({
    pod,
    attempt,
    instance,
    nodeName,
    clusterDomain,
    logDirectory: paths.podLogs({ namespace, name, uid }),
    nodeResolver: await readNodeResolver({ isHostNetwork: pod.spec.hostNetwork === true }),
    clusterResolver: clusterResolver(),
  })
}
