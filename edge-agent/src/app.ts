import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { keyOf } from '@bramble/shared/api/object-key.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import { runAll, type Service, startAfter } from '@bramble/shared/process/service.ts'
import { version } from '@bramble/shared/process/version.ts'
import { createHubIssuer } from './app/hub-issuer.ts'
import { imagesOf } from './app/images-of.ts'
import { joinHub } from './app/join-hub.ts'
import { podReaderIn } from './app/pod-reader.ts'
import { refuserOf } from './app/refuse-pod.ts'
import { runtimeOf, runtimeStatus } from './app/runtime-of.ts'
import type { Cache } from './cache/cache.ts'
import { createUsageSampler, createUsageServer, paceBetween } from './app/usage-server.ts'
import { readMachine } from './pages/machine.ts'
import { createPageServer } from './pages/page-server.ts'
import { machineUsage } from './host/machine-usage.ts'
import { createCacheKeeper } from './cache/keeper.ts'
import { createSqliteCache } from './cache/sqlite-cache.ts'
import type { AgentConfig } from './config.ts'
import { createCri } from './cri/client.ts'
import { createCriEvents } from './cri/events.ts'
import { readBootId } from './host/boot-id.ts'
import { exec } from './host/exec.ts'
import { ownAddressTowards } from './host/own-address.ts'
import { missingPrograms } from './host/programs.ts'
import { volumePlugins } from './kubelet/volumes/all-sources.ts'
import { createHelpers } from './kubelet/forwarding/helpers.ts'
import { createKubelet, type Kubelet } from './kubelet/kubelet.ts'
import { statusPatch } from './kubelet/status/status-patch.ts'
import { createLink } from './link/link.ts'
import { createAcquaintance } from './link/sync/meet-hub.ts'
import { createOutbox } from './link/outbox.ts'
import { createSync } from './link/sync/sync.ts'
import { createNetwork } from './network/network.ts'
import { machineSource } from './node/facts.ts'
import { createNode, type NodeService } from './node/node.ts'
import { createPodEvents } from './pod-events.ts'
import { createHealthPorts } from './proxy/health-ports.ts'
import { createLocalPods } from './proxy/local-pods.ts'
import { createProxy } from './proxy/proxy.ts'
import { nodes, pods } from './resources.ts'
import { createMirrors } from './static-pods/mirrors.ts'
import { createMirrorStatus } from './static-pods/mirror-status.ts'
import { createStaticPods } from './static-pods/static-pods.ts'

/** A whole agent, built in the order in which data flows through it. Returns when the signal has aborted; pods stay. */
export async function runAgent(config: AgentConfig, log: Log, signal: AbortSignal): Promise<void> {
  if (process.getuid?.() !== 0) throw new ConfigError('bramble agent needs root (containers, network rules): run it with sudo')
  const missing = await missingPrograms({ ownRuntime: config.criSocket === undefined })
  if (missing !== undefined) throw new ConfigError(missing)
  mkdirSync(config.dir, { recursive: true, mode: 0o700 })
  // Opened first: a folder that another agent uses is refused before anything in it is touched.
  const cache = createSqliteCache({ folder: config.dir, scratch: config.runDir, clock, log })
  try {
    await runNode({ config, cache, log, signal })
  } finally {
    cache.close()
  }
  log.info({}, 'agent stopped, pods go on')
}

type NodeDeps = { readonly config: AgentConfig; readonly cache: Cache; readonly log: Log; readonly signal: AbortSignal }

async function runNode({ config, cache, log, signal }: NodeDeps): Promise<void> {
  const { node, dir, instance } = config
  // A machine that is refused as a node gets no runtime either.
  const { hubUrl, hub, ...membership } = await joinHub(config, log, signal)

  // A runtime that does not start is told to the hub, so nothing here waits for it.
  const runtime = runtimeOf(config, log)
  const cri = createCri(runtime.socket)
  const criEvents = createCriEvents({ socketPath: runtime.socket, log })

  // The one connection.
  const parts: { kubelet?: Kubelet; node?: NodeService } = {}
  const runningKubelet = () => {
    if (parts.kubelet === undefined) throw new ApiError('ServiceUnavailable', 'the node is still starting: try again in a second')
    return parts.kubelet
  }
  const samples = createUsageSampler({ machine: machineUsage, pods: () => runningKubelet().podStats(), clock })
  const link = createLink({
    hubUrl,
    ...membership,
    acquaintance: createAcquaintance({ cache, hub }),
    agentVersion: version,
    bootId: readBootId() ?? '',
    fleet: config.fleet,
    keepaliveSeconds: config.keepaliveSeconds,
    servers: {
      logs: async (...asked) => runningKubelet().servers.logs(...asked),
      dial: async (...asked) => runningKubelet().servers.dial(...asked),
      exec: async (...asked) => runningKubelet().servers.exec(...asked),
      attach: async (...asked) => runningKubelet().servers.attach(...asked),
      forward: async (...asked) => runningKubelet().servers.forward(...asked),
      usage: createUsageServer(samples),
      kubelet: createPageServer(
        {
          ...{ nodeName: node, clock, machine: () => readMachine(dir) },
          pods: async (asked) => runningKubelet().podUsage(asked),
          wanted: () => runningKubelet().wanted(),
          pace: async (asked) => paceBetween(await samples(asked)),
        },
        log,
      ),
    },
    clock,
    log,
  })
  const { client } = link
  const { outbox, service: outboxService } = createOutbox({ client, connected: link.connected, log })
  const { emit: emitEvent, forget: forgetEvents } = createPodEvents({ node, clock, tell: (event) => outbox.emitEvent(event) })
  const sync = createSync({ client, connected: link.connected, cache, node, onRefused: refuserOf({ node, outbox, emitEvent }), log })

  const staticPods = createStaticPods({
    ...{ folder: config.manifests ?? join(dir, 'manifests'), node, cache, log },
    readPod: podReaderIn(new URL('./read-pod.mjs', import.meta.url)), // beside the agent's own bundle
  })

  // Those who act on what the cache holds.
  // What the machine says of itself counts before what the hub has heard of it: a board that moves while the hub is away is not where it was.
  const ownAddress = () =>
    parts.node?.address() ?? cache.get(nodes, { name: node })?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  const localPods = createLocalPods(cache)
  const tellStatus = createMirrorStatus({
    cache,
    send: (pod, status) =>
      outbox.patchStatus(
        pods,
        keyOf(pod),
        { status: statusPatch(status) },
        { uid: pod.metadata.uid, type: 'application/strategic-merge-patch+json' },
      ),
  })
  const helpers = createHelpers({ helper: new URL('./forward-helper.mjs', import.meta.url) }) // beside the agent's own bundle
  const kubelet = createKubelet({
    cri,
    criEvents,
    cache,
    nodeName: node,
    agentDir: dir,
    instance,
    hostIP: () => ownAddress() ?? '127.0.0.1',
    onHostIP(listener) {
      const stops = [cache.subscribe(nodes, listener), parts.node?.onAddress(listener)]
      return () => stops.forEach((stop) => stop?.())
    },
    allocatable: () => cache.get(nodes, { name: node })?.status?.allocatable ?? {},
    reportStatus(pod, status) {
      localPods.report(pod, status)
      tellStatus(pod, status)
    },
    tokenIssuer: createHubIssuer(link),
    onTokenIssuer: link.onConnected,
    confirmDeleted: (pod) => outbox.deletePod(keyOf(pod), pod.metadata.uid ?? ''),
    helpers,
    emitEvent,
    forgetEvents,
    log,
    clock,
  })
  parts.kubelet = kubelet
  const cidrs = { clusterCidr: config.clusterCidr, serviceCidr: config.serviceCidr }
  const proxy = createProxy({ cache, exec, log, node, instance, localPods, ...cidrs })
  const network = createNetwork({
    ...{ cache, exec, log, node, instance, ownAddress, ...cidrs },
    cniConfDir: runtime.cniConfDir,
    runDir: config.runDir,
    sandboxIds: async () => (await cri.listPodSandboxes()).map(({ id }) => id),
  })
  const nodeService = (parts.node = createNode({
    client,
    cache,
    clock,
    log,
    node,
    source: machineSource(dir, () => ownAddressTowards(new URL(hubUrl).hostname)),
    runtimeStatus: () => runtimeStatus(cri, runtime),
    networkReady: () => (network.state().ready ? proxy.state() : network.state()),
    networkProblems: () => [...network.problems(), ...proxy.problems()],
    volumeSources: volumePlugins.map(({ source }) => source),
    storageProblems: () => [...storageProblems(cache), ...sync.problems()],
    restored: sync.restored,
    images: () => imagesOf({ cri, kubelet, runtime, log }),
    onChange: (listener) => both(network.subscribe(listener), proxy.subscribe(listener)),
  }))

  const services: readonly Service[] = [
    link.service,
    ...(runtime.service === undefined ? [] : [runtime.service]),
    criEvents.service,
    createCacheKeeper(cache),
    sync,
    staticPods,
    createMirrors({ cache, client, connected: link.connected, node, log }),
    outboxService,
    network,
    startAfter(kubelet.service, () => Promise.all([network.inPlace(), proxy.inPlace(), staticPods.read()]), wayWithinMs),
    proxy,
    createHealthPorts({ cache, localPods, node, log, isReady: () => proxy.state().ready }),
    nodeService,
  ]
  try {
    await runAll(services, signal)
  } finally {
    helpers.close()
    cri.close()
  }
}

/** So long pods wait for the first routes and rules, and for a look at the manifests; then they start without, as whatever keeps those away may stay. */
const wayWithinMs = 10_000

const both = (stop: () => void, stopOther: () => void) => () => {
  stop()
  stopOther()
}

const storageProblems = (cache: Cache): readonly string[] => {
  const problem = cache.problem()
  return problem === undefined ? [] : [problem]
}
