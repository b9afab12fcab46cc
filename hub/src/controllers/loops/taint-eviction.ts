import { isApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf, keyTextOf, parseKey } from '@bramble/shared/api/object-key.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { byNode } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { evictionInMs } from '../nodes/eviction.ts'
import { objectsOf } from '../refusals.ts'

/**
 * Deletes pods from nodes with NoExecute taints that they do not tolerate, or tolerated long enough. The time counts from when we
 * first saw the taint: a wall clock that jumps from 1970 to today, as on a board without a battery, drives nobody away.
 */
export const taintEviction = defineController({
  name: 'taint-eviction',
  account: 'node-controller',
  setUp({ client, clock, queue, recorder, log, watch, tellAbout }) {
    const seenSince = new Map<string, Map<string, number>>()

    const onNode = (node: Node) => {
      const { name } = node.metadata
      const before = seenSince.get(name) ?? new Map<string, number>()
      const now = new Map(noExecute(node).map((taint) => [identity(taint), before.get(identity(taint)) ?? clock.monotonic()]))
      const isChanged = now.size !== before.size || [...now.keys()].some((key) => !before.has(key))
      if (now.size === 0) seenSince.delete(name)
      else seenSince.set(name, now)
      if (isChanged) for (const pod of podLister.by(byNode, name)) queue.add(keyTextOf(pod))
    }
    const onPod = (pod: Pod) => {
      if (seenSince.has(pod.spec.nodeName ?? '')) queue.add(keyTextOf(pod))
    }
    const podLister = watch(pods, {
      onAdd: onPod,
      onUpdate(pod, previous) {
        if (previous.spec.nodeName !== pod.spec.nodeName || previous.metadata.generation !== pod.metadata.generation) onPod(pod)
      },
    })
    const lister = watch(nodes, { onAdd: onNode, onUpdate: onNode, onDelete: ({ metadata }) => seenSince.delete(metadata.name) })

    tellAbout(objectsOf(pods, podLister))
    return async (key, signal) => {
      const { namespace, name } = parseKey(key)
      const pod = podLister.get(namespace, name)
      const node = pod?.spec.nodeName === undefined ? undefined : lister.get(undefined, pod.spec.nodeName)
      if (pod === undefined || node === undefined || pod.metadata.deletionTimestamp !== undefined) return
      const since = seenSince.get(node.metadata.name)
      const taints = noExecute(node).map((taint) => {
        const at = since?.get(identity(taint)) ?? clock.monotonic()
        return { taint, ageMs: clock.monotonic() - at }
      })
      const inMs = evictionInMs(pod, taints)
      if (inMs === undefined) return
      if (inMs > 0) return queue.addAfter(key, inMs)
      recorder.record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
      log.info({ pod: key, node: node.metadata.name }, 'pod evicted by taint')
      await client.delete(pods, keyOf(pod), { signal, ...precondition(pod) }).catch((error: unknown) => {
        if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error
      })
    }
  },
})

const noExecute = ({ spec }: Node) => (spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

const identity = ({ key, value }: { readonly key: string; readonly value?: string | undefined }) => `${key}=${value ?? ''}`

const precondition = ({ metadata: { uid } }: Pod) => (uid === undefined ? {} : { preconditions: { uid } })
