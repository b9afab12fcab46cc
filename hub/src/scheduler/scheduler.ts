import { randomUUID } from 'node:crypto'
import { hasEnded } from '@bramble/shared/kinds/rules/pod-phase.ts'
import { isSameJson } from '@bramble/shared/json/same-json.ts'
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import { isApiError } from '@bramble/shared/api/api-error.ts'
import { inNextTurn, isTurnOver } from '@bramble/shared/async/turns.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { discover } from '@bramble/shared/discover.ts'
import { namespaces } from '@bramble/shared/kinds/namespace.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { services } from '@bramble/shared/kinds/service.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { isAbort, messageOf, runAll } from '@bramble/shared/process/service.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { createEventRecorder } from '../client/event-recorder.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { InformerSet } from '../client/informer-set.ts'
import { createLeader } from '../client/leader.ts'
import { byNamespace } from '../client/lister.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import { bind } from './bind.ts'
import { isSchedulerPlugin, schedule } from './framework.ts'
import type { SchedulerPlugin } from './framework.ts'
import { nodeChanges } from './node-changes.ts'
import { podInfoOf } from './pods/pod-info.ts'
import type { PodInfo } from './pods/pod-info.ts'
import { tellNotScheduled } from './pod-scheduled.ts'
import { SchedulingQueue } from './queue/queue.ts'
import { createClusterCache } from './snapshot/snapshot.ts'

export type SchedulerDeps = {
  readonly client: Client
  /** Run by whoever made it: the hub's other parts look at the same. */
  readonly informers: InformerSet
  readonly clock: Clock
  readonly log: Log
  readonly random?: () => number
  /** Our name among the candidates for leadership. */
  readonly identity?: string
}

const schedulerName = 'default-scheduler'
const plugins = discover(import.meta.glob('./plugins/*.ts', { eager: true }), isSchedulerPlugin)

/** Places pods on nodes, while it leads. */
export function createScheduler({ client, informers, clock, log, random = Math.random, identity }: SchedulerDeps): Service {
  const recorder = createEventRecorder({ client, clock, log, component: schedulerName })
  const loop = createSchedulingLoop({ client, clock, log, random, informers, recorder })
  const leader = createLeader({
    client,
    clock,
    log,
    lease: 'kube-scheduler',
    identity: identity ?? `${hostname()}_${randomUUID()}`,
    service: loop,
  })
  return { name: 'scheduler', run: (signal) => runAll([recorder, leader], signal) }
}

type LoopDeps = Required<Omit<SchedulerDeps, 'identity'>> & { readonly recorder: EventRecorder }

/** After so many pods or so long the rest of the hub gets its turn: requests must not wait for a thousand pods to be placed. */
const podsPerTurn = 25
const turnMs = 10
/** Writes under way: what is decided further ahead of them than this only waits in memory. A slow card commits them together. */
const maxWrites = 128

/** Deciding is synchronous, so that no event can come between a decision and its place in the cache; only the writes are waited for. */
export function createSchedulingLoop({ client, clock, log, random, informers, recorder }: LoopDeps): Service {
  const podInformer = informers.for(pods)
  const nodeInformer = informers.for(nodes)
  const serviceInformer = informers.for(services)
  const namespaceInformer = informers.for(namespaces)
  const pluginByName = new Map<string, SchedulerPlugin>(plugins.map((plugin) => [plugin.name, plugin]))

  async function run(signal: AbortSignal): Promise<void> {
    // Every bind in flight listens to it.
    setMaxListeners(0, signal)
    await informers.whenSynced(signal, [podInformer, nodeInformer, serviceInformer, namespaceInformer])
    const cache = createClusterCache({
      servicesIn: (namespace) => serviceInformer.lister.by(byNamespace, namespace),
      namespaceLabels: (namespace) => namespaceInformer.lister.get(undefined, namespace)?.metadata.labels,
    })
    const queue = new SchedulingQueue({
      now: () => clock.monotonic(),
      isUnblocked: (plugin, change) => pluginByName.get(plugin)?.unblockedBy?.includes(change) === true,
    })
    const writes = new Set<Promise<void>>()
    let turnIsDue = false
    let timer: NodeJS.Timeout | undefined

    const wake = () => {
      if (turnIsDue || signal.aborted) return
      turnIsDue = true
      if (isTurnOver()) inNextTurn(turn)
      else queueMicrotask(turn)
    }
    const turn = () => {
      turnIsDue = false
      clearTimeout(timer)
      if (signal.aborted) return
      const startedAt = clock.monotonic()
      for (let placed = 0; placed < podsPerTurn && writes.size < maxWrites && clock.monotonic() - startedAt < turnMs; placed += 1) {
        const info = queue.pop()
        if (info === undefined) break
        try {
          place(info)
        } catch (error) {
          // A plugin that stumbles over one pod must not stop the others.
          queue.failed(info.uid)
          log.error({ pod: info.key, error: messageOf(error) }, 'scheduling a pod failed')
        }
      }
      const dueMs = queue.nextDueMs()
      // With as many writes under way as may be, the end of one of them begins the next turn.
      if (dueMs === undefined || writes.size >= maxWrites) return
      if (dueMs === 0) {
        turnIsDue = true
        inNextTurn(turn)
      } else timer = setTimeout(wake, dueMs)
    }
    const place = (info: PodInfo) => {
      const decision = schedule(info, cache, plugins, random)
      if (decision.type === 'fits') {
        cache.assume(info, decision.node)
        write(bindPod(info, decision.node))
        return
      }
      queue.refused(info.uid, decision.refusedBy)
      log.debug({ pod: info.key, nodes: decision.nodes }, 'pod fits nowhere')
      recorder.record(info.pod, 'Warning', 'FailedScheduling', decision.message)
      write(tellNotScheduled(client, info.pod, { reason: 'Unschedulable', message: decision.message }, clock.now(), signal))
    }
    const bindPod = async (info: PodInfo, node: string) => {
      try {
        await bind(client, info.pod, node, signal)
      } catch (error) {
        cache.forget(info.uid)
        if (isApiError(error, 'NotFound') || isAbort(error, signal)) return queue.remove(info.uid)
        queue.failed(info.uid)
        wake()
        recorder.record(info.pod, 'Warning', 'FailedScheduling', `binding to node ${node} was refused: ${messageOf(error)}`)
        throw error
      }
      log.debug({ pod: info.key, node }, 'pod bound')
      recorder.record(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${info.key} to ${node}`)
    }
    const write = (writing: Promise<void>) => {
      const guarded = writing
        .catch((error: unknown) => {
          // A pod that went away meanwhile needs neither place nor reason.
          if (!isAbort(error, signal) && !isApiError(error, 'NotFound')) log.warn({ error: messageOf(error) }, 'scheduler write failed')
        })
        .finally(() => {
          writes.delete(guarded)
          if (writes.size === maxWrites - 1) wake()
        })
      writes.add(guarded)
    }

    const putPod = (pod: Pod) => {
      const uid = pod.metadata.uid ?? ''
      if (hasEnded(pod)) return dropPod(pod)
      const node = pod.spec.nodeName ?? ''
      if (node !== '') {
        queue.remove(uid)
        cache.putPod(pod, node)
        return
      }
      if (pod.spec.schedulerName !== schedulerName || pod.metadata.deletionTimestamp !== undefined) return queue.remove(uid)
      if ((pod.spec.schedulingGates ?? []).length > 0) {
        const message = 'Scheduling is blocked due to non-empty scheduling gates'
        return write(tellNotScheduled(client, pod, { reason: 'SchedulingGated', message }, clock.now(), signal))
      }
      if (cache.isAssumed(uid)) return
      queue.put(podInfoOf(pod))
      wake()
    }
    const dropPod = (pod: Pod) => {
      const uid = pod.metadata.uid ?? ''
      queue.remove(uid)
      cache.removePod(uid)
      if ((pod.spec.nodeName ?? '') === '') return
      queue.changed('pod-gone')
      wake()
    }

    const off = [
      namespaceInformer.addHandlers({
        onUpdate(namespace, previous) {
          if (!isSameJson(namespace.metadata.labels, previous.metadata.labels)) cache.namespacesChanged()
        },
        onAdd: () => cache.namespacesChanged(),
        onDelete: () => cache.namespacesChanged(),
      }),
      nodeInformer.addHandlers({
        onAdd(node) {
          cache.putNode(node)
          queue.changed('node-added')
          wake()
        },
        onUpdate(node, previous) {
          cache.putNode(node)
          for (const change of nodeChanges(previous, node)) queue.changed(change)
          wake()
        },
        onDelete: ({ metadata }) => cache.removeNode(metadata.name),
      }),
      podInformer.addHandlers({
        onAdd: putPod,
        onUpdate(pod, previous) {
          putPod(pod)
          if ((previous.spec.nodeName ?? '') === '' && (pod.spec.nodeName ?? '') !== '') queue.changed('pod-placed')
          else if (!isSameJson(previous.metadata.labels, pod.metadata.labels)) queue.changed('pod-labels')
          wake()
        },
        onDelete: dropPod,
      }),
    ]
    try {
      await whenAborted(signal)
    } finally {
      for (const remove of off) remove()
      clearTimeout(timer)
      await Promise.all(writes)
    }
  }

  return { name: 'scheduling', run }
}
