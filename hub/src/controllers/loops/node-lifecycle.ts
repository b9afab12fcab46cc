import { leases } from '@bramble/shared/kinds/lease.ts'
import { keyOf } from '@bramble/shared/api/object-key.ts'
import { findCondition } from '@bramble/shared/meta/conditions.ts'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { TokenBucket } from '@bramble/shared/limits/token-bucket.ts'
import { formatTime } from '@bramble/shared/meta/time.ts'
import type { NodeCondition } from '@bramble/shared/types/node-status.ts'
import { byNode } from '../../client/lister.ts'
import { defineController } from '../controller.ts'
import { graceMs, presenceOf, renewalOf } from '../nodes/presence.ts'
import type { Heard } from '../nodes/presence.ts'
import { wantedTaints } from '../nodes/taints.ts'
import { isReady, readyCondition } from '../pod-state.ts'
import { objectsOf } from '../refusals.ts'

const leaseNamespace = 'kube-node-lease'
const unknownReason = 'NodeStatusUnknown'
/** Our mark on a pod whose node is lost; what carries it is ours to take back. */
const podReason = 'NodeNotReachable'
/** What a node last said of its readiness, kept while it is lost. An agent writes only what has changed, so nobody else would say it again. */
const lastReadyAnnotation = 'bramble.io/ready-before-lost'
/** Kubernetes drives pods away from one node in ten seconds. */
const evictionRate = { burst: 1, perSecond: 0.1 }

/**
 * Tells which nodes are there. A lost one becomes Unknown and tainted, its pods not ready; one that is back is as it was, at once.
 * When all nodes are lost together it is we who were cut off: then no pod is driven away and none is called not ready.
 */
export const nodeLifecycle = defineController({
  name: 'node-lifecycle',
  account: 'node-controller',
  workers: 4,
  setUp({ client, clock, queue, recorder, log, watch, tellAbout }) {
    const heard = new Map<string, Heard>()
    /** Since when nothing was heard of them, in that order: who is due to be judged stands first. */
    const silentSince = new Map<string, number>()
    const lost = new Map<string, string>()
    /** News of these came since they were last judged. */
    const unjudged = new Set<string>()
    let wereAllLost = false
    const evicting = new Set<string>()
    const evictions = new TokenBucket(evictionRate, clock.monotonic())

    const onLease = (lease: Lease) => {
      if (lease.metadata.namespace !== leaseNamespace) return
      const { name } = lease.metadata
      const isNews = hear(name, lease)
      // A renewal by a node that is known to be there changes nothing but when to look again.
      if (!isNews || lost.has(name) || lease.metadata.annotations !== undefined) look(name)
    }
    const hear = (name: string, lease: Lease | undefined): boolean => {
      const renewal = renewalOf(lease)
      if (heard.get(name)?.renewal === renewal) return false
      const atMs = clock.monotonic()
      heard.set(name, { renewal, atMs, isAlive: heard.has(name) })
      silentSince.delete(name)
      silentSince.set(name, atMs)
      return true
    }
    const look = (name: string) => {
      unjudged.add(name)
      queue.add(name)
    }
    /** Answers whether the node was lost or came back since it was last judged. */
    const judge = (node: Node): boolean => {
      const { name } = node.metadata
      const lease = leaseLister.get(leaseNamespace, name)
      hear(name, lease)
      const known = heard.get(name) ?? { renewal: '', atMs: clock.monotonic(), isAlive: false }
      const presence = presenceOf(lease, known, clock.monotonic())
      if (presence.type === 'present') queue.addAfter(name, presence.checkInMs)
      // A hub that has just started gives nodes their time; but one that was lost before is back only when it has been heard of.
      const ready = readyOf(node)
      const isStillLost = presence.type === 'present' && ready?.status === 'Unknown' && !known.isAlive
      const why = presence.type === 'lost' ? presence.message : isStillLost ? (ready.message ?? '') : undefined
      const wasLost = lost.has(name)
      if (why === undefined) lost.delete(name)
      else lost.set(name, why)
      if (wasLost === lost.has(name)) return false
      if (why === undefined) log.info({ node: name }, 'node is back')
      else log.info({ node: name, why }, 'node lost')
      return true
    }
    const leaseLister = watch(leases, { onAdd: onLease, onUpdate: onLease, onDelete: onLease })
    const lister = watch(nodes, {
      onAdd: ({ metadata }) => look(metadata.name),
      onUpdate: ({ metadata }) => look(metadata.name),
      onDelete({ metadata }) {
        heard.delete(metadata.name)
        silentSince.delete(metadata.name)
        evicting.delete(metadata.name)
        unjudged.delete(metadata.name)
        lost.delete(metadata.name)
        lookAtAllIfAllAre()
      },
    })
    const podLister = watch(pods, {
      // A pod that was placed on a node just as the node was lost.
      onUpdate(pod, previous) {
        const { nodeName } = pod.spec
        if (nodeName !== undefined && lost.has(nodeName) && (previous.spec.nodeName !== nodeName || isCalledReady(pod))) queue.add(nodeName)
      },
    })
    /** Only nodes that are there are in `lost`. */
    const areAllLost = () => lost.size === lister.size()
    /** What is done about each depends on whether all are lost. */
    const lookAtAllIfAllAre = () => {
      if (wereAllLost === areAllLost()) return
      wereAllLost = !wereAllLost
      for (const { metadata } of lister.list()) queue.add(metadata.name)
    }
    /** Judges every node about which anything may be new by now: there was news, or it has been silent for too long. */
    const judgeDue = () => {
      for (const [name, atMs] of silentSince) {
        if (clock.monotonic() - atMs < graceMs) break
        silentSince.delete(name)
        unjudged.add(name)
      }
      for (const name of unjudged) {
        unjudged.delete(name)
        const node = lister.get(undefined, name)
        if (node !== undefined && judge(node)) queue.add(name)
      }
      lookAtAllIfAllAre()
    }

    /** Sees to it that the API says whether a node is there. */
    async function tell(node: Node, signal: AbortSignal): Promise<void> {
      const { name, annotations } = node.metadata
      const [ready, kept, lossMessage] = [readyOf(node), annotations?.[lastReadyAnnotation], lost.get(name)]
      if (lossMessage === undefined) {
        const back = kept !== undefined && ready?.status === 'Unknown' && ready.reason === unknownReason ? parseKept(kept) : undefined
        const restored = back === undefined ? node : await setReady(node, back, signal)
        // A node that has not yet said anything is starting: the scheduler leaves it alone, and it has no pods to lose.
        await mark(restored, { kept: undefined, ready: readyOf(restored)?.status ?? 'True' }, signal)
      } else if (ready?.status === 'Unknown') await mark(node, { kept, ready: 'Unknown' }, signal)
      else {
        const marked = await mark(node, { kept: JSON.stringify(ready ?? null), ready: 'Unknown' }, signal)
        recorder.record(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
        await setReady(marked, { status: 'Unknown', reason: unknownReason, message: lossMessage }, signal)
      }
    }

    const setReady = ({ metadata: { name, uid } }: Node, ready: Omit<NodeCondition, 'type'>, signal: AbortSignal) => {
      const at = formatTime(new Date(clock.now()))
      const condition = { type: 'Ready', lastHeartbeatTime: at, ...ready, lastTransitionTime: at }
      const body = { metadata: { uid }, status: { conditions: [condition] } }
      return client.patch(nodes, { name }, { type: 'application/strategic-merge-patch+json', body }, { signal, subresource: 'status' })
    }

    /** NoExecute for a node, when it is its turn: pods of many nodes do not set out at once. */
    const mayEvict = ({ metadata: { name }, spec }: Node): boolean => {
      const isUnderWay = spec?.taints?.some(({ effect, key }) => effect === 'NoExecute' && key.startsWith('node.kubernetes.io/')) === true
      if (isUnderWay || evicting.has(name)) return true
      const now = clock.monotonic()
      const isItsTurn = evictions.take(now)
      if (isItsTurn) evicting.add(name)
      else queue.addAfter(name, evictions.readyInMs(now))
      return isItsTurn
    }

    /** What is kept of its readiness, and its taints, in one write: each is work for everybody who follows Nodes. */
    async function mark(
      node: Node,
      { kept, ready }: { readonly kept: string | undefined; readonly ready: 'True' | 'False' | 'Unknown' },
      signal: AbortSignal,
    ): Promise<Node> {
      const { name, uid, resourceVersion, annotations } = node.metadata
      const isUnwell = ready !== 'True' && !areAllLost()
      if (!isUnwell) evicting.delete(name)
      const taints = wantedTaints({ node, ready, mayEvict: isUnwell && mayEvict(node), now: clock.now() })
      const isKept = annotations?.[lastReadyAnnotation] === kept
      if (taints === undefined && isKept) return node
      const body = {
        metadata: {
          uid,
          ...(!isKept && { annotations: { [lastReadyAnnotation]: kept ?? null } }),
          // The list is written whole: somebody else's taint that came in between must not be lost.
          ...(taints !== undefined && { resourceVersion }),
        },
        ...(taints !== undefined && { spec: { taints: taints.length === 0 ? null : taints } }),
      }
      return client.patch(nodes, { name }, { type: 'application/merge-patch+json', body }, { signal })
    }

    async function tellPods(name: string, areReachable: boolean, signal: AbortSignal): Promise<void> {
      for (const pod of podLister.by(byNode, name)) {
        const condition = areReachable ? takenBack(pod) : isCalledReady(pod) ? { status: 'False', reason: podReason } : undefined
        if (condition === undefined) continue
        const message = areReachable ? null : `node ${name} cannot be reached`
        const body = {
          metadata: { uid: pod.metadata.uid },
          status: { conditions: [{ type: 'Ready', message, lastTransitionTime: formatTime(new Date(clock.now())), ...condition }] },
        }
        await client.patch(pods, keyOf(pod), { type: 'application/strategic-merge-patch+json', body }, { signal, subresource: 'status' })
        if (!areReachable) recorder.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready')
      }
    }

    tellAbout(objectsOf(nodes, lister))
    return async (name, signal) => {
      const node = lister.get(undefined, name)
      if (node === undefined) return
      // All are judged before anything is done about one: what is done depends on how the others are.
      unjudged.add(name)
      judgeDue()
      await tell(node, signal)
      await tellPods(name, !lost.has(name) || areAllLost(), signal)
    }
  },
})

const readyOf = ({ status }: Node) => findCondition(status?.conditions, 'Ready')

const isCalledReady = (pod: Pod) => !hasEnded(pod) && isReady(pod)

/** What the pod's node had said before it was lost: ready, unless its containers say otherwise. */
function takenBack(pod: Pod): { readonly status: 'True'; readonly reason: null } | undefined {
  const ready = readyCondition(pod)
  if (ready?.status !== 'False' || ready.reason !== podReason || hasEnded(pod)) return undefined
  const containers = findCondition(pod.status?.conditions, 'ContainersReady')
  return containers?.status === 'False' ? undefined : { status: 'True', reason: null }
}

/** A node that had said nothing when it was lost says so itself when it is back. */
function parseKept(text: string): Omit<NodeCondition, 'type'> | undefined {
  const kept = JSON.parse(text) as NodeCondition | null // written by us
  if (kept === null) return undefined
  const { type: _, ...condition } = kept
  return condition
}
