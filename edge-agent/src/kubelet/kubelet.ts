import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { PodStatus } from '@bramble/shared/types/pod-status.ts'
import { type Clock, systemClock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import type { Service } from '@bramble/shared/process/service.ts'
import { linkSignals } from '@bramble/shared/async/linked-signal.ts'
import { whenAborted } from '@bramble/shared/async/when-aborted.ts'
import { every } from '@bramble/shared/async/every.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import type { Cache } from '../cache/cache.ts'
import type { Cri } from '../cri/cri.ts'
import type { CriEvents } from '../cri/events.ts'
import { uidHere } from '../mirrors.ts'
import { configMaps, pods, secrets } from '../resources.ts'
import { readBootId } from '../host/boot-id.ts'
import { createActiveTime } from './plan/active-time.ts'
import { readNodeLimits } from './resources/cgroups.ts'
import { createDiskGuard } from './resources/disk-guard.ts'
import { createEndings } from './plan/endings.ts'
import { createImagePlatforms } from './images/image-platforms.ts'
import { takenHostPort } from './wanted/host-ports.ts'
import { createChangedPods } from './observed/changed-pods.ts'
import { lastWordsReader } from './observed/last-words.ts'
import type { Helpers } from './forwarding/helpers.ts'
import { removeLeftovers } from './leftovers.ts'
import { createStreamServers, type PodStreamServers } from './stream-servers.ts'
import { createObjectNews } from './wanted/object-news.ts'
import { objectsIn } from './wanted/objects-in.ts'
import { createObserver } from './observed/observe.ts'
import { createPodsToRun } from './wanted/pods-to-run.ts'
import { untilRuntimeAnswers } from './observed/runtime-answers.ts'
import type { EmitEvent, KubeletParts } from './parts.ts'
import { podPaths } from './paths.ts'
import { createPodWorkers } from './pod-workers.ts'
import type { Resolver } from './config/sandbox-config.ts'
import { createQueues } from './queues.ts'
import { createResolverFiles } from './config/resolver-files.ts'
import { createPodStats, type PodStats } from './resources/pod-stats.ts'
import { createPodUsage, type PodUsage } from './resources/pod-usage.ts'
import { createPodTokens, type TokenIssuer } from './tokens/pod-tokens.ts'
import { createPodVolumes } from './volumes/pod-volumes.ts'

export type KubeletDeps = {
  readonly cri: Cri
  readonly criEvents: CriEvents
  readonly cache: Cache
  readonly nodeName: string
  /** Below it: pods/<uid>/…, logs/<namespace>_<name>_<uid>/… */
  readonly agentDir: string
  /** Marks what is ours on the runtime, and names the cgroups. */
  readonly instance: string
  readonly hostIP: () => string
  /** Tells when `hostIP` may have changed. */
  readonly onHostIP: (listener: () => void) => () => void
  /** What the node has to give: the value of resource fields without a limit. */
  readonly allocatable?: () => Readonly<Record<string, string>>
  readonly clusterDomain?: string
  /** Where pods with `dnsPolicy: ClusterFirst` ask; `<namespace>` in a search is replaced. Undefined: the node's own servers. */
  readonly clusterResolver?: () => Resolver | undefined
  /** The whole new status; called only when it changed. Must not block. */
  readonly reportStatus: (pod: Pod, status: PodStatus) => void
  /** Nothing of the pod is left on this node: delete it in the API with grace 0 and its UID. */
  readonly confirmDeleted: (pod: Pod) => void
  /** Where the tokens of pods come from; without it they get none. */
  readonly tokenIssuer?: TokenIssuer
  /** Tells when that can be asked again. */
  readonly onTokenIssuer?: (listener: () => void) => () => void
  /** What connects inside of pods' networks; whoever made it closes it. */
  readonly helpers: Helpers
  readonly emitEvent: EmitEvent
  readonly forgetEvents: (uid: string) => void
  readonly log: Log
  readonly clock?: Clock
}

export type Kubelet = {
  readonly service: Service
  /** Of what the hub asks of pods. */
  readonly servers: PodStreamServers
  /** Platforms of the images on this node by name, for the annotation that the scheduler reads. At most 50. */
  imagePlatforms(): Promise<Readonly<Record<string, readonly string[]>>>
  podStats(): Promise<readonly PodStats[]>
  podUsage(signal: AbortSignal): Promise<readonly PodUsage[]>
  wanted(): readonly Pod[]
}

// Two small files are read: a board that moves to another network has pods that find their way a moment later.
const resolverMs = 5_000
// Nothing but a comparison, where none is due.
const tokensMs = 30_000
/** Runs the wanted pods of the cache on the container runtime. Containers outlive it: a new one adopts them by pod UID. */
export function createKubelet(deps: KubeletDeps): Kubelet {
  const { cri, criEvents, cache, nodeName, agentDir, instance, hostIP, reportStatus, confirmDeleted, log, clock = systemClock } = deps
  const paths = podPaths(agentDir)
  let runtimeName = 'containerd'
  const clusterResolver = deps.clusterResolver ?? (() => undefined)
  const resolverFiles = createResolverFiles({ paths, clusterResolver })
  const times = { facts: cache.facts, clock, bootId: readBootId() ?? '' }
  const diskGuard = createDiskGuard({
    ...{ cri, instance, paths, clock, log },
    tell(uid, reason, message) {
      const pod = cache.list(pods).find(({ metadata }) => metadata.uid === uid)
      if (pod) deps.emitEvent(pod, 'Warning', reason, message)
    },
  })
  const tokens = deps.tokenIssuer && createPodTokens({ issuer: deps.tokenIssuer, clock })
  const parts: KubeletParts = {
    cri,
    runtime: () => runtimeName,
    clock,
    log,
    instance,
    nodeName,
    hostIP,
    clusterDomain: deps.clusterDomain ?? 'cluster.local',
    clusterResolver,
    resolverFiles,
    allocatable: deps.allocatable ?? (() => ({})),
    limits: readNodeLimits(),
    paths,
    volumes: createPodVolumes(paths, tokens),
    activeTime: createActiveTime(times),
    endings: createEndings(times),
    objects: objectsIn(cache),
    hostPortTaken: (pod) => takenHostPort(pod, wantedPods().values()),
    ...{ emit: deps.emitEvent, forgetEvents: deps.forgetEvents, confirmDeleted },
    ...createQueues(),
  }
  const observer = createObserver({ cri, instance, clock, readMessage: lastWordsReader(paths) })

  const podsToRun = createPodsToRun(nodeName)
  const wantedPods = () => podsToRun(cache.list(pods))

  const run = async (signal: AbortSignal): Promise<void> => {
    let wanted = wantedPods()
    const workers = createPodWorkers({ parts, observer, wanted: (uid) => wanted.get(uid), reportStatus }, signal)
    const changedPods = createChangedPods(observer)

    const reconcile = () => {
      const before = wanted
      wanted = wantedPods()
      for (const [uid, pod] of wanted) {
        const previous = before.get(uid)
        const worker = workers.workFor(uid)
        if (previous === pod) continue
        if (previous && endOf(previous) !== endOf(pod)) worker.interrupt()
        else worker.wake('objects')
      }
      for (const uid of before.keys()) if (!wanted.has(uid)) workers.of(uid)?.interrupt()
    }
    const newsOf = createObjectNews(cache)
    const refreshForObjects = () => {
      for (const uid of newsOf(wanted)) workers.of(uid)?.wake('objects')
    }

    /** The node's own address is in the status of every pod; a router may give it another one at any time. */
    let knownAddress = hostIP()
    const refreshForAddress = () => {
      if (hostIP() === knownAddress) return
      knownAddress = hostIP()
      workers.wakeAll()
    }

    /** Wakes whose pod changed without an event, takes on what nobody wants. */
    const relist = async () => {
      const isKept = () => cache.hasSynced(pods)
      for (const uid of await changedPods({ signal, isKept })) {
        const worker = workers.of(uid)
        if (worker) worker.wake()
        // Never before the hub has told once what is wanted: until then a stranger may be a pod we have yet to hear of.
        else if (!wanted.has(uid) && isKept()) workers.workFor(uid)
      }
    }

    let relisting: Promise<void> | undefined
    const relistSoon = () => {
      relisting ??= relist()
        .catch((error: unknown) => {
          if (!signal.aborted) log.debug({ error }, 'runtime could not be listed')
        })
        .finally(() => (relisting = undefined))
    }

    const refreshTokens = () => {
      for (const uid of tokens?.due() ?? []) workers.of(uid)?.wake('objects')
    }
    const tokensLooked = setInterval(refreshTokens, tokensMs)

    const unsubscribe = [
      cache.subscribe(pods, reconcile),
      () => clearInterval(tokensLooked),
      deps.onTokenIssuer?.(refreshTokens) ?? (() => {}),
      deps.onHostIP(refreshForAddress),
      cache.subscribe(configMaps, refreshForObjects),
      cache.subscribe(secrets, refreshForObjects),
      criEvents.listen((event) => {
        if (event.type === 'relist') return relistSoon()
        const uid = observer.owner(event.containerId)
        // Nobody's yet: it ended before the list that would have told us of it.
        void wakeAround(() => (uid === undefined ? relistSoon() : workers.of(uid)?.wake()), signal)
      }),
    ]
    try {
      runtimeName = await untilRuntimeAnswers(cri, log, signal)
      reconcile()
      for (const uid of wanted.keys()) workers.workFor(uid)
      await relist().catch((error: unknown) => log.warn({ error }, 'runtime could not be listed'))
      if (cache.hasSynced(pods)) await removeLeftovers({ wanted, workFor: workers.workFor, paths })
      await whenAborted(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      for (const stop of unsubscribe) stop()
      await workers.ended()
      await relisting
    }
  }

  const followResolver = async (signal: AbortSignal) => {
    for await (const _ of every(resolverMs, signal)) {
      await resolverFiles
        .refresh(cache.list(pods))
        .catch((error: unknown) => log.debug({ error }, 'name servers of pods could not be followed'))
    }
  }
  const podStats = createPodStats(cri, instance)
  return {
    service: {
      name: 'kubelet',
      async run(signal) {
        using own = linkSignals(signal)
        try {
          await Promise.all([run(own.signal), diskGuard.run(own.signal), followResolver(own.signal)])
        } finally {
          own.abort() // one that fails must not leave the others behind
        }
      },
    },
    servers: createStreamServers({
      ...{ cri, instance, nodeName, hostIP, helpers: deps.helpers, seen: observer.pod },
      wanted: (uid) => wantedPods().get(uid),
      uidHere: (uid) => uidHere(cache.list(pods), uid),
    }),
    imagePlatforms: createImagePlatforms(cri),
    podStats,
    podUsage: createPodUsage({ instance, stats: podStats, seen: observer.pod }),
    wanted: () => [...wantedPods().values()],
  }
}

/** What decides whether a wait in progress still makes sense. */
const endOf = ({ metadata }: Pod): string => `${metadata.deletionTimestamp} ${metadata.deletionGracePeriodSeconds}`

// The runtime tells of an end on its event bus a moment before its own list shows it.
const looksAfterEventMs = [0, 25, 75, 200, 500]

async function wakeAround(wake: () => void, signal: AbortSignal): Promise<void> {
  for (const ms of looksAfterEventMs) {
    await sleep(ms, signal).catch(() => {})
    if (signal.aborted) return
    wake()
  }
}
