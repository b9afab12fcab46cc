import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { byNode } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import { objectsOf } from '../refusals.ts'

/** How long a node may be missing before its pods are given up (Kubernetes' quarantine): it may be on its way to register again. */
const quarantineMs = 40_000
/** Kubernetes keeps 12500 ended pods; a hub on an SD card has a smaller purse. */
const maxEnded = 500
const endedKey = 'ended pods'

/** Removes pods that nobody will finish: of nodes that no longer exist, ended ones beyond a number, and unplaced ones on their way out. */
export const podGc = defineController({
  name: 'pod-gc',
  account: 'pod-garbage-collector',
  workers: 2,
  setUp({ client, clock, queue, log, watch, tellAbout }) {
    const missingSince = new Map<string, number>()
    const nodeLister = watch(nodes, {
      onAdd: ({ metadata }) => missingSince.delete(metadata.name),
      onDelete: ({ metadata }) => onNodeMissing(metadata.name),
    })
    const onNodeMissing = (name: string) => {
      if (!missingSince.has(name)) missingSince.set(name, clock.monotonic())
      queue.addAfter(`node ${name}`, quarantineMs)
    }
    const onPod = (pod: Pod) => {
      const node = pod.spec.nodeName ?? ''
      if (node !== '' && nodeLister.get(undefined, node) === undefined) onNodeMissing(node)
      if (node === '' && pod.metadata.deletionTimestamp !== undefined) queue.add(`pod ${keyTextOf(pod)}`)
      if (hasEnded(pod)) queue.addAfter(endedKey, 1_000)
    }
    const podLister = watch(pods, {
      onAdd: onPod,
      onUpdate(pod, previous) {
        const isNews =
          pod.spec.nodeName !== previous.spec.nodeName ||
          pod.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
          hasEnded(pod) !== hasEnded(previous)
        if (isNews) onPod(pod)
      },
    })

    async function remove(pod: Pod, why: string, signal: AbortSignal): Promise<void> {
      log.info({ pod: keyTextOf(pod), why }, 'pod removed')
      const { uid } = pod.metadata
      const options = { gracePeriodSeconds: 0, ...(uid === undefined ? {} : { preconditions: { uid } }) }
      await client.delete(pods, keyOf(pod), { signal, ...options }).catch((error: unknown) => {
        if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error
      })
    }

    async function removeOrphansOf(name: string, signal: AbortSignal): Promise<void> {
      const since = missingSince.get(name)
      if (since === undefined || nodeLister.get(undefined, name) !== undefined) return
      const leftMs = quarantineMs - (clock.monotonic() - since)
      if (leftMs > 0) return queue.addAfter(`node ${name}`, leftMs)
      try {
        await client.get(nodes, { name }, { signal })
        return
      } catch (error) {
        // Our watch may be behind: only the API's own word counts as gone.
        if (!isApiError(error, 'NotFound')) throw error
      }
      for (const pod of podLister.by(byNode, name)) {
        // Its owner and its users learn that it ended before it is gone.
        if (!hasEnded(pod)) await fail(pod, signal)
        await remove(pod, `node ${name} is gone`, signal)
      }
      missingSince.delete(name)
    }

    async function fail(pod: Pod, signal: AbortSignal): Promise<void> {
      const body = {
        metadata: { uid: pod.metadata.uid },
        status: {
          phase: 'Failed',
          conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }],
        },
      }
      await client
        .patch(pods, keyOf(pod), { type: 'application/strategic-merge-patch+json', body }, { signal, subresource: 'status' })
        .catch((error: unknown) => {
          if (!isApiError(error, 'NotFound')) throw error
        })
    }

    tellAbout((key) => (key.startsWith('pod ') ? objectsOf(pods, podLister)(key.slice('pod '.length)) : undefined))
    return async (key, signal) => {
      if (key === endedKey) {
        const ended = podLister.list().filter(hasEnded)
        const byAge = [...ended].sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
        for (const pod of byAge.slice(0, Math.max(0, ended.length - maxEnded))) await remove(pod, 'too many ended pods', signal)
        return
      }
      const [kind, rest = ''] = key.split(' ')
      if (kind === 'node') return removeOrphansOf(rest, signal)
      const { namespace, name } = parseKey(rest)
      const pod = podLister.get(namespace, name)
      if (pod?.metadata.deletionTimestamp !== undefined && (pod.spec.nodeName ?? '') === '')
        await remove(pod, 'deleted before it was placed', signal)
    }
  },
})
