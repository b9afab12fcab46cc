import { createHash } from 'node:crypto'
import type { Credentials } from '@bramble/edge-agent/link/identity/credentials.ts'
import { createLink } from '@bramble/edge-agent/link/link.ts'
import { renewLease } from '@bramble/edge-agent/node/lease.ts'
import { endpointSlices, nodes, pods, services } from '@bramble/edge-agent/resources.ts'
import { isApiError, mustListAgain } from '@bramble/shared/api/api-error.ts'
import { every } from '@bramble/shared/async/every.ts'
import type { Client, KubeObject, ListQuery, Resource } from '@bramble/shared/api/client.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { parseLittle } from './parse-little.ts'
import { runAll } from '@bramble/shared/process/service.ts'

export type AgentDeps = {
  readonly hubUrl: string
  readonly credentials: Credentials
  /** Resolves when this agent may tell of its pods. */
  readonly mayTell: () => Promise<void>
  /** It has told that it is ready, and follows everything that an agent follows. */
  readonly onJoined: () => void
  readonly onTold: () => void
  /** Gives what tells of all its pods once more, with so many restarts. */
  readonly onFirst?: (tellAgain: (restarts: number) => void) => void
  /** Something was refused or took too long; it says it again or begins anew, as an agent does. */
  readonly onRetry: (error: unknown) => void
  /** Where a pod is said to be; somewhere unless told, which is enough where nobody asks for endpoints. */
  readonly podAddress?: (uid: string) => string
}

const leaseMs = 10_000
const retryMs = 1_000

/**
 * A simulated node: the agent's own link (its connection, frames, calls and watches) and Lease, and in place of containers a word: a
 * pod that is bound to it runs at once. It follows what an agent follows and keeps nothing of it.
 */
export async function runAgent(
  { hubUrl, credentials, mayTell, onJoined, onTold, onFirst, onRetry, podAddress = podAddressOf }: AgentDeps,
  signal: AbortSignal,
): Promise<void> {
  const { node } = credentials
  const link = createLink({
    hubUrl,
    credentials: { current: () => credentials, replace: () => {}, save: () => {} },
    hubTime: { heard: () => {}, now: () => undefined, isOver: () => false },
    agentVersion: 'scale',
    bootId: node,
    servers: {},
    clock,
    log: silentLog,
    parse: parseLittle,
  })
  const { client } = link

  const tell = async (pod: Pod) => {
    const key = { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' }
    await mayTell()
    if (pod.metadata.deletionTimestamp !== undefined) return void (await client.delete(pods, key, { gracePeriodSeconds: 0 }))
    if (pod.status?.phase === 'Running') return
    await say(pod, 0)
    running.set(pod.metadata.uid ?? '', pod)
  }

  const running = new Map<string, Pod>()
  const say = async (pod: Pod, restarts: number) => {
    await client.patch(
      pods,
      { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '' },
      {
        type: 'application/strategic-merge-patch+json',
        body: { metadata: { uid: pod.metadata.uid }, status: runningStatus(pod, restarts, podAddress) },
      },
      { signal, subresource: 'status' },
    )
    onTold()
  }

  /** As an agent's outbox: what is refused is said again, until there is nobody to say it of. */
  const insist = async (say: () => Promise<void>) => {
    for (;;)
      try {
        return await say()
      } catch (error) {
        if (signal.aborted || isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) return
        onRetry(error)
        await sleep(retryMs * (0.2 + Math.random()), signal).catch(() => {})
      }
  }

  onFirst?.((restarts) => {
    for (const pod of running.values()) void insist(() => say(pod, restarts))
  })

  async function live(signal: AbortSignal) {
    const lists = followed(node).map(([resource, query]) => ({ resource, query, version: '' }))
    const hear = (object: KubeObject) => {
      if (object.kind === 'Pod') void insist(() => tell(object as Pod)) // by its kind
    }
    for (const each of lists) each.version = await list(client, each.resource, each.query, signal, hear)
    await client.patch(
      nodes,
      { name: node },
      { type: 'application/strategic-merge-patch+json', body: { status: nodeStatus(node) } },
      { signal, subresource: 'status' },
    )
    await renewLease({ client, node, nodeUid: undefined, now: clock.now(), signal })
    onJoined()
    const follow = async ({ resource, query, version }: (typeof lists)[number]) => {
      let from = version
      while (!signal.aborted)
        try {
          for await (const { type, object } of client.watch(
            resource,
            { ...query, resourceVersion: from, allowWatchBookmarks: true },
            { signal },
          )) {
            from = object.metadata.resourceVersion ?? from
            if (type !== 'DELETED' && type !== 'BOOKMARK') hear(object)
          }
        } catch (error) {
          if (signal.aborted) return
          if (!mustListAgain(error)) throw error
          from = await list(client, resource, query, signal, hear)
        }
    }
    const renewals = async () => {
      await sleep(Math.random() * leaseMs, signal).catch(() => {})
      for await (const _ of every(leaseMs, signal))
        await renewLease({ client, node, nodeUid: undefined, now: clock.now(), signal }).catch(() => {})
    }
    await Promise.all([...lists.map(follow), renewals()])
  }

  const keepLiving = async (signal: AbortSignal) => {
    while (!signal.aborted)
      try {
        await live(signal)
      } catch (error) {
        onRetry(error)
        await sleep(retryMs, signal).catch(() => {})
      }
  }
  await runAll([link.service, { name: 'life', run: keepLiving }], signal)
}

/** What an agent follows, but for what its pods name. */
const followed = (node: string): readonly (readonly [Resource, ListQuery])[] => [
  [pods, { fieldSelector: `spec.nodeName=${node}` }],
  [services, {}],
  [endpointSlices, {}],
  [nodes, {}],
]

/** In pages, as an agent; answers the version from which to watch. */
async function list(client: Client, resource: Resource, query: ListQuery, signal: AbortSignal, take: (object: KubeObject) => void) {
  let next: string | undefined
  for (;;) {
    const page = await client.list(resource, { ...query, limit: 2000, ...(next !== undefined && { continue: next }) }, { signal })
    for (const item of page.items) take(item)
    next = page.metadata.continue
    if (!next) return page.metadata.resourceVersion
  }
}

/** As an agent of ours writes it. */
export const nodeStatus = (node: string) => {
  const at = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const amounts = { cpu: '4', memory: '4Gi', 'ephemeral-storage': '29Gi', pods: '110' }
  const condition = (type: string, status: string, reason: string) => ({
    ...{ type, status, reason, message: `simulated: ${reason}`, lastHeartbeatTime: at, lastTransitionTime: at },
  })
  return {
    capacity: amounts,
    allocatable: amounts,
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
      condition('Ready', 'True', 'KubeletReady'),
    ],
    addresses: [
      { type: 'InternalIP', address: addressOf(172, node) },
      { type: 'Hostname', address: node },
    ],
    nodeInfo: { architecture: 'arm64', operatingSystem: 'linux', kernelVersion: '6.6.0', kubeletVersion: 'v1.35.0' },
    images: Array.from({ length: 20 }, (_, index) => ({
      names: [`docker.io/library/image-${index}:1`],
      sizeBytes: (index + 1) * 5_000_000,
    })),
  }
}

/** As an agent of ours writes it. */
export const runningStatus = ({ metadata, spec }: Pod, restartCount: number, podAddress: (uid: string) => string = podAddressOf) => {
  const at = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  const podIP = podAddress(metadata.uid ?? '')
  return {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: at,
    conditions: ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True', lastTransitionTime: at })),
    containerStatuses: spec.containers.map(({ name, image = '' }) => ({
      ...{ name, image, imageID: `sha256:${digestOf(image)}`, ready: true, started: true, restartCount },
      containerID: `containerd://${digestOf(`${metadata.uid}/${name}`)}`,
      state: { running: { startedAt: at } },
    })),
  }
}

/** As long as that of an image or a container, and of as few digits in a row. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const podAddressOf = (uid: string) => addressOf(10, uid)

/** Some address that is always the same for the same text. */
function addressOf(first: number, text: string): string {
  let hash = 0
  for (const character of text) hash = (hash * 31 + character.charCodeAt(0)) >>> 0
  return `${first}.${16 + (hash % 16)}.${(hash >>> 8) & 255}.${(hash >>> 16) & 255}`
}
