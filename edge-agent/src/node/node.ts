import { isApiError } from '@bramble/shared/api/api-error.ts'
import { createBackoff } from '@bramble/shared/async/backoff.ts'
import { createLatch } from '@bramble/shared/async/latch.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { every } from '@bramble/shared/async/every.ts'
import { createPulse } from '@bramble/shared/async/pulse.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import type { Clock } from '@bramble/shared/clock.ts'
import type { Node as NodeObject } from '@bramble/shared/kinds/node.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { isAbort, messageOf, type Service } from '@bramble/shared/process/service.ts'
import type { Cache } from '../cache/cache.ts'
import { nodes } from '../resources.ts'
import type { FactSource, NodeFacts } from './fact.ts'
import { facts as allFacts, readFacts, withFacts } from './facts.ts'
import { renewLease } from './lease.ts'
import { nodeObject, type NetworkStatus, type NodeImage, type RuntimeStatus, type WantedNode } from './node-object.ts'
import { metadataPatch, statusPatch } from './node-patch.ts'

export type NodeDeps = {
  readonly client: Client
  /** Where this node's own object is watched into. */
  readonly cache: Pick<Cache, 'get' | 'subscribe'>
  readonly clock: Clock
  readonly log: Log
  readonly node: string
  readonly source: FactSource
  readonly runtimeStatus: (signal: AbortSignal) => Promise<RuntimeStatus>
  readonly networkReady: () => NetworkStatus
  /** What keeps pods of this node from others, one sentence each: becomes the condition `NetworkDegraded`. */
  readonly networkProblems?: () => readonly string[]
  /** What keeps the node from writing down what it is told: becomes the condition `StorageDegraded`. */
  readonly storageProblems?: () => readonly string[]
  /** What is mounted into pods here: what not every node mounts becomes labels. */
  readonly volumeSources?: readonly string[]
  /** What goes on here although the hub does not list it: becomes the condition `HubRestored`. */
  readonly restored?: () => string | undefined
  readonly images: (signal: AbortSignal) => Promise<readonly NodeImage[]>
  /** Tells when one of the answers above may have changed, so that it need not be asked often. */
  readonly onChange?: (listener: () => void) => () => void
  readonly leaseMs?: number
  readonly statusMs?: number
}

export type NodeService = Service & {
  /** Resolves once the hub has this node's object, in this life of the agent. */
  registered(): Promise<void>
  /** The address that others reach this machine by, as it is now and whether or not the hub has heard of it; undefined when there is none. */
  address(): string | undefined
  /** Called with each other address. Returns the unsubscriber. */
  onAddress(listener: () => void): () => void
}

/**
 * The Node object of this machine: registers it or takes over the one that is there, keeps its status true, and renews its
 * Lease. Nothing is written when nothing changed.
 */
export function createNode(deps: NodeDeps): NodeService {
  const { client, cache, clock, log, node, source, leaseMs = 10_000, statusMs = 10_000 } = deps
  let facts: Partial<NodeFacts> = {}
  const addressListeners = new Set<() => void>()
  const learn = (next: Partial<NodeFacts>) => {
    const before = facts.addresses?.[0]
    facts = next
    if (next.addresses?.[0] !== before) for (const listener of addressListeners) listener()
  }
  /** The newest object the hub answered; the cache may be behind it. */
  let answered: NodeObject | undefined
  let isDeleted = false
  const registered = createLatch()
  const known = createLatch()

  const wantedNow = async (seen: NodeObject | undefined, signal: AbortSignal): Promise<WantedNode> => {
    const failed = (error: unknown): RuntimeStatus => ({ ready: false, message: messageOf(error) })
    const [runtime, images] = await Promise.all([
      deps.runtimeStatus(signal).catch(failed),
      deps.images(signal).catch((): readonly NodeImage[] | undefined => undefined),
    ])
    const restored = deps.restored?.()
    return nodeObject({
      name: node,
      facts,
      runtime,
      network: deps.networkReady(),
      networkProblems: deps.networkProblems?.() ?? [],
      storageProblems: deps.storageProblems?.() ?? [],
      ...(deps.volumeSources && { volumeSources: deps.volumeSources }),
      ...(restored !== undefined && { restored }),
      images: images ?? seenImages(seen),
      ...(seen && { seen }),
      now: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    })
  }

  /** Registers, or takes over what an earlier life (or a person) made; user labels and taints stay. */
  async function register(signal: AbortSignal): Promise<NodeObject> {
    const options = { signal, timeoutMs: 10_000 }
    try {
      return await client.get(nodes, { name: node }, options)
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error
    }
    const wanted = await wantedNow(undefined, signal)
    const object = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node, labels: withValues(wanted.labels), annotations: withValues(wanted.annotations) },
      spec: {},
      status: wanted.status,
    } as unknown as NodeObject // quantities and times are texts on the way out
    try {
      return await client.create(nodes, object, options)
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) return client.get(nodes, { name: node }, options)
      throw error
    }
  }

  async function report(signal: AbortSignal): Promise<void> {
    const seen = newest(cache.get(nodes, { name: node }), answered)
    if (seen === undefined) return
    const wanted = await wantedNow(seen, signal)
    const key = { name: node }
    const options = { signal, timeoutMs: 10_000 }
    const metadata = metadataPatch(wanted, seen)
    if (metadata) answered = await client.patch(nodes, key, { type: 'application/merge-patch+json', body: metadata }, options)
    const status = statusPatch(wanted, seen)
    if (status) {
      answered = await client.patch(
        nodes,
        key,
        { type: 'application/strategic-merge-patch+json', body: status },
        { ...options, subresource: 'status' },
      )
      const ready = wanted.status.conditions.find(({ type }) => type === 'Ready')
      log.debug({ node, ready: ready?.status, fields: Object.keys(status.status) }, 'node status reported')
    }
  }

  async function statusLoop(signal: AbortSignal): Promise<void> {
    const backoff = createBackoff({ firstMs: 250, maxMs: 10_000 })
    let hasRegistered = false
    const pulse = createPulse()
    /** The other nodes are none of our business, and there may be hundreds. */
    let heard: string | undefined
    let isMissing = false
    const ringForOwn = () => {
      const version = cache.get(nodes, { name: node })?.metadata.resourceVersion
      if (version === heard) return
      // A hub that was restored from a backup knows nothing of what it answered since.
      if (Number(version) < Number(heard)) answered = undefined
      heard = version
      isMissing = version === undefined
      pulse.ring()
    }
    const unsubscribe = [cache.subscribe(nodes, ringForOwn), ...(deps.onChange ? [deps.onChange(pulse.ring)] : [])]
    try {
      learn(await readFacts(source, log))
      while (!signal.aborted) {
        try {
          const found = await readFacts(
            source,
            log,
            allFacts.filter(({ changes }) => changes),
          )
          learn(withFacts(facts, found))
          if (!hasRegistered) {
            answered = await register(signal)
            hasRegistered = true
            // Before the first status: a hub that cannot take that one (its disk is full) still hears that the node lives.
            known.open()
            log.info({ node, architecture: facts.architecture, board: facts.board?.model.label }, 'node registered')
          }
          if (isMissing && !isDeleted) await client.get(nodes, { name: node }, { signal, timeoutMs: 10_000 })
          if (!isDeleted) await report(signal)
          registered.open()
          backoff.reset()
        } catch (error) {
          if (isAbort(error, signal)) return
          if (hasRegistered && isApiError(error, 'NotFound')) {
            // Who deleted the object meant it, and our key went with it.
            isDeleted = true
            log.warn({ node }, 'this node was deleted from the cluster; to come back, it joins with a new token')
          } else {
            log.debug({ error: messageOf(error) }, 'node status could not be reported')
            await sleep(backoff.next(), signal).catch(() => {}) // a change does not make the hub answer sooner
            continue
          }
        }
        await pulse.wait(statusMs, signal)
      }
    } finally {
      for (const stop of unsubscribe) stop()
    }
  }

  async function leaseLoop(signal: AbortSignal): Promise<void> {
    await Promise.race([known.opened, whenAborted(signal)])
    let said = false
    for await (const _ of every(leaseMs, signal)) {
      if (isDeleted) continue
      try {
        await renewLease({ client, node, nodeUid: answered?.metadata.uid, now: clock.now(), signal })
        said = false
      } catch (error) {
        if (isAbort(error, signal)) return
        if (!said) log.warn({ error: messageOf(error) }, 'the lease of this node could not be renewed')
        said = true
      }
    }
  }

  return {
    name: 'node',
    async run(signal) {
      using group = linkSignals(signal)
      const both = group.signal
      try {
        await Promise.all([statusLoop(both), leaseLoop(both)])
      } finally {
        group.abort() // one loop that fails must not leave the other behind
      }
    },
    registered: () => registered.opened,
    address: () => facts.addresses?.[0],
    onAddress(listener) {
      addressListeners.add(listener)
      return () => addressListeners.delete(listener)
    },
  }
}

const withValues = (record: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => entry[1] !== null))

/** Revisions are numbers in our hub; where one is not, the cache is right. */
function newest(cached: NodeObject | undefined, answered: NodeObject | undefined): NodeObject | undefined {
  if (cached === undefined || answered === undefined) return cached ?? answered
  return Number(answered.metadata.resourceVersion) > Number(cached.metadata.resourceVersion) ? answered : cached
}

const seenImages = (seen: NodeObject | undefined): readonly NodeImage[] =>
  (seen?.status?.images ?? []).map(({ names, sizeBytes }) => ({ names: names ?? [], sizeBytes: Number(sizeBytes ?? 0) }))
