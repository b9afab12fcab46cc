import { randomUUID } from 'node:crypto'
import { createMemoryCache } from '../../edge-agent/src/cache/memory-cache.ts'
import { createCriEvents } from '../../edge-agent/src/cri/events.ts'
import { createKubelet, type Kubelet } from '../../edge-agent/src/kubelet/kubelet.ts'
import { pods } from '../../edge-agent/src/resources.ts'
import { pod as podSchema, type Pod } from '../../shared/src/kinds/pod.ts'
import type { KubeObject, ObjectKey, Resource } from '../../shared/src/api/client.ts'
import { createLog } from '../../shared/src/logging/log.ts'
import type { PodStatus } from '../../shared/src/types/pod-status.ts'
import { bytesOf } from '../../shared/src/streams/bytes-of.ts'
import type { StreamRequest } from '../../shared/src/streams/node-stream.ts'
import { servedBy } from '../../shared/src/streams/testing/stream-pair.ts'
import { busyboxImage, type ContainerdNode } from './containerd-node.ts'
import { hubSource } from '../../edge-agent/src/link/sync/hub-source.ts'

export type PodInput = { readonly name: string; readonly spec: Record<string, unknown>; readonly labels?: Record<string, string> }

export const busybox = (name: string, script: string, more: Record<string, unknown> = {}) => ({
  name,
  image: busyboxImage,
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', '-c', script],
  ...more,
})

/** A kubelet on a real containerd whose hub is the test: pods are put into its cache, and what it reports is kept. */
export function kubeletOn(node: ContainerdNode, instance = 'kt') {
  const cache = createMemoryCache()
  hubSource(cache).replace('pods', pods, [], '1')
  let revision = 1
  /** As the hub does, each write gives an object a version of its own. */
  const versioned = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, resourceVersion: `${++revision}` } })
  const apply = (resource: Resource, puts: readonly KubeObject[], deletes: readonly ObjectKey[] = []) =>
    hubSource(cache).apply({ scope: resource.resource, resource, puts: puts.map(versioned), deletes, resourceVersion: `${revision}` })
  const events: { pod: string; type: string; reason: string; message: string }[] = []
  const statuses = new Map<string, PodStatus>()
  const history: { name: string; at: number; status: PodStatus }[] = []
  const listeners = new Set<() => void>()
  let address = '192.0.2.1'
  const addressListeners = new Set<() => void>()
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const log = createLog({ level: process.env['KUBELET_LOG'] === undefined ? 'error' : 'debug' })
  let abort = new AbortController()
  let done: Promise<unknown> = Promise.resolve()
  let kubelet: Kubelet

  const store = (pod: Pod, status: PodStatus) => {
    const current = cache.get(pods, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name })
    if (current?.metadata.uid === pod.metadata.uid) apply(pods, [{ ...current, status } as Pod])
  }
  const start = () => {
    abort = new AbortController()
    const criEvents = createCriEvents({ socketPath: node.socket, log })
    kubelet = createKubelet({
      cri: node.cri,
      criEvents,
      cache,
      nodeName: 'node-1',
      agentDir: `${node.dir}/agent`,
      instance,
      hostIP: () => address,
      onHostIP(listener) {
        addressListeners.add(listener)
        return () => addressListeners.delete(listener)
      },
      allocatable: () => ({ cpu: '2', memory: '1Gi' }),
      reportStatus(pod, status) {
        statuses.set(pod.metadata.name, status)
        history.push({ name: pod.metadata.name, at: performance.now(), status })
        store(pod, status)
        changed()
      },
      confirmDeleted(pod) {
        apply(pods, [], [{ namespace: pod.metadata.namespace, name: pod.metadata.name }])
        statuses.delete(pod.metadata.name)
        changed()
      },
      emitEvent(pod, type, reason, message) {
        events.push({ pod: pod.metadata.name, type, reason, message })
        changed()
      },
      forgetEvents: () => {},
      helpers: { connect: () => Promise.reject(new Error('nobody forwards ports here')), close() {} },
      log,
    })
    done = Promise.all([kubelet.service.run(abort.signal), criEvents.service.run(abort.signal)])
  }
  const stop = async () => {
    abort.abort()
    await done
  }
  start()

  return {
    cache,
    apply,
    events,
    history,
    get kubelet() {
      return kubelet
    },
    status: (name: string) => statuses.get(name),
    /** The machine has another address from now on. */
    move(to: string) {
      address = to
      for (const listener of addressListeners) listener()
    },
    put(input: PodInput): Pod {
      const pod = podSchema.parse({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: input.name,
          namespace: 'default',
          uid: randomUUID(),
          generation: 1,
          labels: input.labels,
          creationTimestamp: '2026-01-01T00:00:00Z',
        },
        spec: { nodeName: 'node-1', terminationGracePeriodSeconds: 1, ...input.spec },
      }) as Pod
      apply(pods, [pod])
      return pod
    },
    change(name: string, change: (pod: Pod) => Pod) {
      const pod = cache.get(pods, { namespace: 'default', name })
      if (pod) apply(pods, [change(structuredClone(pod))])
    },
    delete(name: string, graceSeconds = 1) {
      this.change(name, (pod) => ({
        ...pod,
        metadata: { ...pod.metadata, deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: graceSeconds },
      }))
    },
    /** Resolves with what `look` answers once it is not undefined; looks again whenever something was reported. */
    until<T>(look: () => T | undefined | false, what: string, timeoutMs = 60_000): Promise<T> {
      return new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer)
          listeners.delete(check)
        }
        const timer = setTimeout(() => {
          finish()
          const told = events.slice(-15).map(({ pod, reason, message }) => `${pod} ${reason}: ${message}`)
          reject(new Error(`${what} did not happen\n${JSON.stringify([...statuses], null, 1)}\n${told.join('\n')}`))
        }, timeoutMs)
        const check = () => {
          const found = look()
          if (found === undefined || found === false) return
          finish()
          resolve(found)
        }
        listeners.add(check)
        check()
      })
    },
    async restart() {
      await stop()
      start()
    },
    stop,
  }
}

/** What the hub reads when it asks a kubelet for a log. */
export const logBytes = (
  { kubelet }: { readonly kubelet: Kubelet },
  request: Omit<StreamRequest<'logs'>, 'kind'>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> => bytesOf(servedBy<'logs'>(kubelet.servers.logs, { ...request, kind: 'logs' }, signal), signal)
