import type { Handler } from '@bramble/shared/api/api-request.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import { type ChangingKindSet, createKindSet } from '@bramble/shared/schema/kind-set.ts'
import { kinds as builtIn } from '@bramble/shared/kinds.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { addressAt, parseCidr } from '@bramble/shared/meta/ip.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { runAll } from '@bramble/shared/process/service.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { controllerPart, type HubPart, hubParts } from '../apiserver/authz/hub-parts.ts'
import { storing } from '../apiserver/objects/stored/storing.ts'
import { type ApiServer, createApiServer } from '../apiserver/api-server.ts'
import { memoryLog } from '../store/memory/memory-disk.ts'
import { createStore } from '../store/mvcc.ts'
import type { Store } from '../store/store.ts'
import { createInformerSet, type InformerSet } from './informer-set.ts'
import { createLoopbackClient } from './loopback.ts'

/** A refusal. */
type Status = { readonly message?: string }

export type TestHub = {
  readonly client: Client
  /** What it serves. */
  readonly kinds: ChangingKindSet
  readonly remoteGroups: ApiServer['remoteGroups']
  readonly legacyToken: ApiServer['legacyToken']
  /** Beneath the API, for what only another hub or a failing disk writes. */
  readonly store: Store
  /** Speaks as a part of the hub, with its rights and no others. */
  readonly part: (part: HubPart) => Client
  readonly controller: (account: string) => Client
  /** Running, for all parts of it. */
  readonly informers: InformerSet
  /** Every write that reached the apiserver: `POST /api/v1/pods`. Leases are left out: they renew by themselves. */
  readonly writes: string[]
  readonly start: (...services: Service[]) => void
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** For tests: the real apiserver over a store in memory, and whatever parts of a hub a test starts on it. */
export async function startTestHub(clock: Clock = systemClock): Promise<TestHub> {
  const kinds = createKindSet(builtIn)
  const store = await createStore({ log: memoryLog(), ...storing(kinds) })
  const server = createApiServer({
    store,
    kinds,
    clock,
    log: silentLog,
    serviceCidr: '10.43.0.0/16',
    openNodeStream: () => {
      throw new Error('no node is connected in this test')
    },
  })
  const writes: string[] = []
  /** What a part of the hub asked for and has no right to: none of them should, and nobody else would hear of it. */
  const forbidden: string[] = []
  const handle: Handler = async (request, caller) => {
    if (request.method !== 'GET' && !/\/(leases|events)(\/|$)/.test(request.path)) writes.push(`${request.method} ${request.path}`)
    const answer = await server.handle(request, caller)
    if (answer.status === 403 && answer.type === 'object' && / User .* cannot /.test((answer.object as Status).message ?? ''))
      forbidden.push((answer.object as Status).message ?? '')
    return answer
  }
  const part = (one: HubPart) => createLoopbackClient({ handle, ...one })
  const stop = new AbortController()
  const running: Promise<void>[] = []
  await server.bootstrap()
  const informers = createInformerSet({ client: part(hubParts.informers), clock: systemClock, log: silentLog })
  running.push(informers.run(stop.signal))
  return {
    client: part({ user: { name: 'test', groups: ['system:masters', 'system:authenticated'] }, manager: 'test' }),
    informers,
    kinds,
    remoteGroups: server.remoteGroups,
    legacyToken: server.legacyToken,
    store,
    part,
    controller: (account) => part(controllerPart(account)),
    writes,
    start: (...services) => void running.push(runAll(services, stop.signal)),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all(running)
      server.close()
      await store.close()
      if (forbidden.length > 0) throw new Error(`the hub's own parts lack rights: ${[...new Set(forbidden)].join('\n')}`)
    },
  }
}

/** Lets everything that is under way go on until the answer is no longer undefined or false. */
export async function until<T>(what: string, check: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const end = process.hrtime.bigint() + 15_000_000_000n
  for (;;) {
    const answer = await check()
    if (answer !== undefined && answer !== false) return answer
    if (process.hrtime.bigint() > end) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Long enough for everything that follows at once from what happened before. */
export async function settle(turns = 60): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

export async function createNode(
  client: Client,
  name: string,
  { cpu = '4', memory = '4Gi', labels = {}, annotations = {} } = {},
): Promise<void> {
  await client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'arm64', ...labels }, annotations },
  })
  const status = {
    capacity: { cpu, memory, pods: '110' },
    allocatable: { cpu, memory, pods: '110' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready' }],
  }
  const type = 'application/merge-patch+json'
  await client.patch(nodes, { name }, { type, body: { status } }, { subresource: 'status' })
  // As the node lifecycle does once a node is ready.
  await client.patch(nodes, { name }, { type, body: { spec: { taints: null } } })
}

export const podOf = (name: string, spec: Partial<Pod['spec']> = {}, metadata: Partial<Pod['metadata']> = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'main', image: 'busybox:1.0' }], ...spec },
  }) as Pod // the API adds the defaults

/** For tests: pods that are placed run and become ready at once, pods that are deleted go. */
export const createPretendAgents = (client: Client, isReady: (pod: Pod) => boolean = () => true): Service => ({
  name: 'pretend agents',
  async run(signal) {
    let count = 0
    const { items, metadata } = await client.list(pods, {}, { signal })
    /** From the network that the hub gave the node; any, in a test where nobody gives one. */
    const addressOn = async (node: string) => {
      const { spec } = await client.get(nodes, { name: node })
      const cidr = parseCidr(spec?.podCIDR ?? '')
      return cidr === undefined ? `10.42.${Math.floor(count / 250)}.${(count % 250) + 2}` : addressAt(cidr, (count % 250) + 2)
    }
    const see = async (pod: Pod) => {
      const key = { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' }
      if ((pod.spec.nodeName ?? '') === '') return
      if (pod.metadata.deletionTimestamp !== undefined) return client.delete(pods, key, { gracePeriodSeconds: 0 })
      const ready = isReady(pod) ? 'True' : 'False'
      if (pod.status?.podIP !== undefined && pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === ready) return
      count += 1
      const podIP = pod.status?.podIP ?? (await addressOn(pod.spec.nodeName ?? ''))
      const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status: ready, lastTransitionTime: '2026-01-01T00:00:00Z' }))
      const body = { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions } }
      await client.patch(pods, key, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' })
    }
    const quietly = (pod: Pod) => see(pod).catch(() => {}) // a pod may go while we look at it
    for (const pod of items) await quietly(pod)
    try {
      for await (const { type, object } of client.watch(pods, { resourceVersion: metadata.resourceVersion }, { signal }))
        if (type !== 'DELETED' && type !== 'BOOKMARK') await quietly(object)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
})
