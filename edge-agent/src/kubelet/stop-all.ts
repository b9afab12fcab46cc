import type { Cri } from '../cri/cri.ts'
import { unmountUnder } from '../host/mounts.ts'
import { removeAllCgroups } from './resources/cgroups.ts'
import { instanceLabel, podUidLabel } from './observed/labels.ts'
import { createLimiter } from './limiter.ts'
import { podPaths } from './paths.ts'

/** A runtime that cannot note the end of a container (a full card) tries for ever: the caller has a shorter way to end what runs. */
const noteMs = 8_000

export type StopAllDeps = {
  readonly cri: Cri
  readonly instance: string
  /** The runtime is the agent's own, so whatever runs there goes; on a runtime of somebody else only what carries our mark does. */
  readonly ownsRuntime?: boolean
  /** The agent's folder: what is mounted below its pods is unmounted too. */
  readonly agentDir?: string
  /** What a process gets between its stop signal and the kill, however much longer its pod asked for. */
  readonly graceSeconds?: number
  readonly signal?: AbortSignal
}

/**
 * Stops and removes every pod, side by side; answers how many there were, and fails when the
 * runtime cannot do it in time. For the end of the node, not of the agent.
 */
export async function stopAllPods({
  cri,
  instance,
  ownsRuntime = false,
  agentDir,
  graceSeconds = 5,
  signal = new AbortController().signal,
}: StopAllDeps): Promise<number> {
  const filter = ownsRuntime ? {} : { labels: { [instanceLabel]: instance } }
  const [sandboxes, containers] = await Promise.all([cri.listPodSandboxes(filter, { signal }), cri.listContainers(filter, { signal })])
  const limiter = createLimiter(16)
  const ending = { signal, timeoutMs: graceSeconds * 1000 + noteMs }
  await Promise.all(
    sandboxes.map(({ id }) =>
      limiter(async () => {
        const inside = containers.filter(({ podSandboxId, state }) => podSandboxId === id && state === 'CONTAINER_RUNNING')
        await Promise.all(inside.map((container) => cri.stopContainer(container.id, graceSeconds, ending)))
        await cri.stopPodSandbox(id, ending)
        await cri.removePodSandbox(id, ending)
      }, signal),
    ),
  )
  if (agentDir !== undefined) await unmountUnder([podPaths(agentDir).pods])
  await removeAllCgroups(instance)
  return new Set(sandboxes.map(({ labels }) => labels[podUidLabel])).size
}
