import { isApiError } from '@bramble/shared/api/api-error.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { isTurnOver, nextTurn } from '@bramble/shared/async/turns.ts'
import type { Client, Resource } from '@bramble/shared/api/client.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, type Service } from '@bramble/shared/process/service.ts'

export const disconnectedAt = 'bramble.io/disconnected-at'

const leases: Resource = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', kind: 'Lease', namespaced: true }

/**
 * Tells the API since when a node is cut off, as an annotation of its Lease: the node lifecycle controller need not wait for the
 * lease to run out. Latest state wins; a node has one entry however often it comes and goes.
 */
export function createPresence({ client, log }: { readonly client: Client; readonly log: Log }) {
  const wanted = new Map<string, string | null>()
  const news = createPulse()

  const tell = async (node: string, since: string | null, signal: AbortSignal) => {
    try {
      await client.patch(
        leases,
        { namespace: 'kube-node-lease', name: node },
        { type: 'application/merge-patch+json', body: { metadata: { annotations: { [disconnectedAt]: since } } } },
        { signal, timeoutMs: 10_000 },
      )
    } catch (error) {
      // A node that has never renewed its lease has nothing to be marked.
      if (!isApiError(error, 'NotFound')) throw error
    }
  }

  const service: Service = {
    name: 'presence',
    async run(signal) {
      const backoff = createBackoff({ firstMs: 100, maxMs: 10_000 })
      while (!signal.aborted) {
        const [next] = wanted
        if (next === undefined) {
          await news.wait(Infinity, signal)
          continue
        }
        if (isTurnOver()) await nextTurn()
        const [node, since] = next
        try {
          await tell(node, since, signal)
          backoff.reset()
          if (wanted.get(node) === since) wanted.delete(node)
        } catch (error) {
          if (signal.aborted) return
          log.warn({ node, error: messageOf(error) }, 'presence of a node not told')
          const latest = wanted.get(node) ?? null
          wanted.delete(node)
          wanted.set(node, latest) // behind the others
          await sleep(backoff.next(), signal).catch(() => {})
        }
      }
    },
  }
  const want = (node: string, since: string | null) => {
    wanted.set(node, since)
    news.ring()
  }
  return {
    service,
    connected: (node: string) => want(node, null),
    lost: (node: string, at: number) => want(node, new Date(at).toISOString()),
  }
}

export type Presence = ReturnType<typeof createPresence>
