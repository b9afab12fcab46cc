import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { keyTextOf } from '@bramble/shared/api/object-key.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { Cache } from '../cache/cache.ts'
import { nodes, pods } from '../resources.ts'
import { type MirrorStep, planMirrors } from './plan-mirrors.ts'

export type MirrorsDeps = {
  readonly cache: Pick<Cache, 'list' | 'get' | 'subscribe' | 'hasSynced'>
  readonly client: Client
  /** Resolves when there is a connection: while there is none, nothing is tried. */
  readonly connected: (signal: AbortSignal) => Promise<void>
  readonly node: string
  readonly log: Log
}

const timeoutMs = 15_000

/** Shows the pods that were born on this node in the API, whenever the hub is there. */
export function createMirrors({ cache, client, connected, node, log }: MirrorsDeps): Service {
  const stepsNow = (): readonly MirrorStep[] => {
    const uid = cache.get(nodes, { name: node })?.metadata.uid
    return uid === undefined || !cache.hasSynced(pods) ? [] : planMirrors(cache.list(pods), { name: node, uid })
  }

  const perform = async (step: MirrorStep, signal: AbortSignal) => {
    const options = { signal, timeoutMs }
    try {
      if (step.kind === 'create') await client.create(pods, step.mirror, options)
      else await client.delete(pods, step.key, { gracePeriodSeconds: 0, preconditions: { uid: step.uid }, ...options })
    } catch (error) {
      // Done before, and not heard of yet.
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'AlreadyExists')) throw error
    }
  }

  return {
    name: 'mirrors',
    async run(signal) {
      const changed = createPulse()
      const unsubscribe = [cache.subscribe(pods, changed.ring), cache.subscribe(nodes, changed.ring)]
      const backoff = createBackoff({ firstMs: 500, maxMs: 60_000 })
      let told = ''
      while (!signal.aborted) {
        const [step] = stepsNow()
        if (step === undefined) {
          backoff.reset()
          told = ''
          await changed.wait(Infinity, signal)
          continue
        }
        try {
          await connected(signal)
          await perform(step, signal)
        } catch (error) {
          if (signal.aborted) break
          const what = step.kind === 'create' ? keyTextOf(step.mirror) : step.uid
          const text = `${what}: ${messageOf(error)}`
          if (text !== told)
            log.warn({ mirror: what, error: messageOf(error) }, 'a static pod cannot be shown in the API, it runs all the same')
          told = text
          await sleep(backoff.next(), signal).catch(() => {})
          continue
        }
        // The hub tells what has come of it.
        await changed.wait(backoff.next(), signal)
      }
      for (const stop of unsubscribe) stop()
    },
  }
}
