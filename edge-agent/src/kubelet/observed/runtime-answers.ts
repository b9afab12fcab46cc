import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Cri } from '../../cri/cri.ts'

/** Its name, as soon as it has one: after a boot the runtime may be up later than we are. */
export async function untilRuntimeAnswers(cri: Cri, log: Log, signal: AbortSignal): Promise<string> {
  const backoff = createBackoff({ firstMs: 100, maxMs: 5000 })
  for (let tries = 0; ; tries++) {
    try {
      const { runtimeName, runtimeVersion } = await cri.version({ signal, timeoutMs: 5000 })
      log.info({ runtimeName, runtimeVersion }, 'container runtime connected')
      return runtimeName
    } catch (error) {
      signal.throwIfAborted()
      if (tries === 3) log.warn({ error }, 'container runtime does not answer yet')
      await sleep(backoff.next(), signal)
    }
  }
}
