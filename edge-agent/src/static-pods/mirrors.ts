import { isApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { keyText, keyTextOf } from '@bramble/shared/api/object-key.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { Cache } from '../cache/cache.ts'
import { mirroredUid } from '../mirrors.ts'
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
      if (!isApiError(error, 'NotFound')) throw error
    }
  }

  return {
    name: 'mirrors',
    async run(signal) {
      const changed = createPulse()
      const unsubscribe = [cache.subscribe(pods, changed.ring), cache.subscribe(nodes, changed.ring)]
      const backoff = createBackoff({ firstMs: 500, maxMs: 60_000 })
      /** What was tried since the last round and is still to be done, and what was told of it: one that is refused holds up no other. */
      const tried = new Set<string>()
      const told = new Map<string, string>()
      let isWaiting = false
      const again = async () => {
        if (isWaiting) return
        isWaiting = true
        await sleep(backoff.next(), signal).catch(() => {})
        isWaiting = false
        tried.clear()
        changed.ring()
      }
      const attempt = async (step: MirrorStep) => {
        tried.add(idOf(step))
        try {
          await perform(step, signal)
        } catch (error) {
          if (signal.aborted) return
          // Made before, and not heard of yet: when that is so the next time too, it is another pod of that name.
          const isFirst = isApiError(error, 'AlreadyExists') && !told.has(idOf(step))
          const text = isFirst ? '' : messageOf(error)
          if (text !== '' && told.get(idOf(step)) !== text)
            log.warn({ mirror: nameOf(step), error: text }, 'a static pod cannot be shown in the API, it runs all the same')
          told.set(idOf(step), text)
        }
      }
      while (!signal.aborted) {
        const due = new Map(stepsNow().map((step) => [idOf(step), step]))
        for (const id of [...tried, ...told.keys()]) {
          if (due.has(id)) continue
          tried.delete(id)
          told.delete(id)
        }
        if (due.size === 0) backoff.reset()
        const [next] = [...due].flatMap(([id, step]) => (tried.has(id) ? [] : [step]))
        if (next === undefined) {
          // The hub tells what has come of it.
          await changed.wait(Infinity, signal)
          continue
        }
        await connected(signal).catch(() => {}) // aborted
        if (signal.aborted) break
        await attempt(next)
        void again()
      }
      for (const stop of unsubscribe) stop()
    },
  }
}

const nameOf = (step: MirrorStep): string => (step.kind === 'create' ? keyTextOf(step.mirror) : keyText(step.key))
const idOf = (step: MirrorStep): string =>
  step.kind === 'create' ? `create ${nameOf(step)} of ${mirroredUid(step.mirror) ?? ''}` : `delete ${step.uid}`
