import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf } from '@bramble/shared/process/service.ts'
import type { Cache } from '../cache/cache.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { FolderInUse } from '../cache/open-database.ts'
import { createSqliteCache } from '../cache/sqlite-cache.ts'
import type { AgentConfig } from '../config.ts'
import { createCri } from '../cri/client.ts'
import { exec } from '../host/exec.ts'
import { unmountUnder } from '../host/mounts.ts'
import { removeAllCgroups } from '../kubelet/resources/cgroups.ts'
import { stopAllPods } from '../kubelet/stop-all.ts'
import { createNetwork } from '../network/network.ts'
import { createProxy } from '../proxy/proxy.ts'
import { type Runtime, runtimeOf } from './runtime-of.ts'

/** Stops the node's pods and takes away what it put on the machine; its state stays for the next start. */
export async function resetNode(config: AgentConfig, log: Log): Promise<void> {
  const runtime = runtimeOf(config, log)
  const cache = cacheForReset(config, log)
  const cidrs = { clusterCidr: config.clusterCidr, serviceCidr: config.serviceCidr }
  const common = { cache, exec, log, node: config.node, instance: config.instance, ...cidrs }
  // Whatever is broken, what can be taken away is.
  const failures: unknown[] = []
  const attempt = (step: () => void | Promise<void>) =>
    Promise.resolve()
      .then(step)
      .catch((error: unknown) => failures.push(error))
  await attempt(() => stopPods(config, runtime, log))
  await attempt(() => createProxy(common).removeTable())
  await attempt(() => createNetwork({ ...common, cniConfDir: runtime.cniConfDir, runDir: config.runDir }).teardown())
  await attempt(async () => runtime.stop?.())
  await attempt(() => unmountUnder([join(config.dir, 'pods'), config.runDir]))
  await attempt(() => removeAllCgroups(config.instance))
  await attempt(() => rmSync(config.runDir, { recursive: true, force: true }))
  cache.close()
  if (failures.length > 0) throw new AggregateError(failures, failures.map(messageOf).join('; '))
}

// Pods have a few seconds of grace; a runtime that hangs is killed rather than waited for.
const stopPodsMs = 45_000

async function stopPods(config: AgentConfig, runtime: Runtime, log: Log): Promise<void> {
  try {
    // Containers can only be stopped in good order by a containerd that runs.
    await runtime.ensure?.(new AbortController().signal)
    const cri = createCri(runtime.socket)
    using deadline = createDeadline(stopPodsMs)
    try {
      const count = await stopAllPods({
        signal: deadline.signal,
        cri,
        instance: config.instance,
        agentDir: config.dir,
        ownsRuntime: config.criSocket === undefined,
      })
      log.info({ pods: count }, 'pods stopped')
    } finally {
      cri.close()
    }
  } catch (error) {
    if (runtime.stop === undefined) throw error // a runtime of somebody else's keeps them
    log.warn({ error: messageOf(error) }, 'containerd does not run, its containers are killed')
  }
}

/** A disk that is full, or gone, is no reason to keep a node running. */
function cacheForReset({ dir, runDir }: AgentConfig, log: Log): Cache {
  try {
    return createSqliteCache({ folder: dir, scratch: runDir, clock, log })
  } catch (error) {
    if (error instanceof FolderInUse) throw error
    return createMemoryCache()
  }
}
