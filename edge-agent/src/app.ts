import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { createDeadline } from '@bramble/shared/async/deadline.ts'
import { sleep } from '@bramble/shared/async/sleep.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import { ConfigError } from '@bramble/shared/process/config.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import type { Log } from '@bramble/shared/logging/log.ts'
import { messageOf, runAll, type Service, startAfter } from '@bramble/shared/process/service.ts'
import { version } from '@bramble/shared/process/version.ts'
import type { Cache } from './cache/cache.ts'
import { createMemoryCache } from './cache/memory-cache.ts'
import { FolderInUse } from './cache/open-database.ts'
import { createCacheKeeper } from './cache/keeper.ts'
import { createSqliteCache } from './cache/sqlite-cache.ts'
import { isHubUrl, type AgentConfig } from './config.ts'
import { createCri } from './cri/client.ts'
import type { Cri } from './cri/cri.ts'
import { createCriEvents } from './cri/events.ts'
import { writeFileAtomic } from '@bramble/shared/process/atomic-file.ts'
import { exec } from './host/exec.ts'
import { unmountUnder } from './host/mounts.ts'
import { ownAddressTowards } from './host/own-address.ts'
import { missingPrograms } from './host/programs.ts'
import { removeAllCgroups } from './kubelet/resources/cgroups.ts'
import { createKubelet, type Kubelet } from './kubelet/kubelet.ts'
import type { EmitEvent } from './kubelet/parts.ts'
import { statusPatch } from './kubelet/status/status-patch.ts'
import { stopAllPods } from './kubelet/stop-all.ts'
import { createCredentialStore, type CredentialStore, DamagedCredentials, putCredentialsAside } from './link/credentials.ts'
import { enroll } from './link/enroll.ts'
import { createHubTime } from './link/hub-time.ts'
import { keptJoinRequest } from './link/join-request.ts'
import { createLink } from './link/link.ts'
import type { PodOutline } from './link/sync/needed.ts'
import { createOutbox, type Outbox } from './link/outbox.ts'
import { createSync } from './link/sync/sync.ts'
import { createNetwork } from './network/network.ts'
import { machineSource } from './node/facts.ts'
import type { NodeImage, RuntimeStatus } from './node/node-object.ts'
import { createNode, type NodeService } from './node/node.ts'
import { createPodEvents } from './pod-events.ts'
import { createLocalPods } from './proxy/local-pods.ts'
import { createProxy } from './proxy/proxy.ts'
import { nodes, pods } from './resources.ts'
import { createContainerd } from './runtime/containerd.ts'

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
  const hubUrl = rememberHub(config, log)
  // A machine that is refused as a node gets no runtime either.
  const credentials = credentialStore(config, log)
  const hubTime = hubTimeOf(config, log)
  const join = (within: AbortSignal) => {
    const token = tokenOf(config)
    if (token === undefined)
      throw new ConfigError('this node has not joined yet: give --token or --token-file (from `bramble token create` on the hub)')
    return enroll({ hubUrl, token, node, clock, log, hubTime, request: keptJoinRequest(pkiOf(config), node) }, within)
  }
  const hadJoined = credentials.current() !== undefined
  if (!hadJoined) {
    credentials.replace(await join(signal))
    log.info({ node, hub: hubUrl }, 'joined')
  }

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
  const link = createLink({
    hubUrl,
    credentials,
    hubTime,
    ...(hadJoined && (config.token ?? config.tokenFile) !== undefined && { rejoin: async (within: AbortSignal) => join(within) }),
    agentVersion: version,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    fleet: config.fleet,
    keepaliveSeconds: config.keepaliveSeconds,
    servers: { logs: async (...asked) => runningKubelet().serveLogs(...asked) },
    clock,
    log,
  })
  const { client } = link
  const { outbox, service: outboxService } = createOutbox({ client, connected: link.connected, log })
  const { emit: emitEvent, forget: forgetEvents } = createPodEvents({ node, clock, tell: (event) => outbox.emitEvent(event) })
  const sync = createSync({ client, connected: link.connected, cache, node, onRefused: refuserOf({ node, outbox, emitEvent }), log })

  // Those who act on what the cache holds.
  // What the machine says of itself counts before what the hub has heard of it: a board that moves while the hub is away is not where it was.
  const ownAddress = () =>
    parts.node?.address() ?? cache.get(nodes, { name: node })?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
  const localPods = createLocalPods(cache)
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
      outbox.patchStatus(
        pods,
        keyOf(pod),
        { status: statusPatch(status) },
        { uid: pod.metadata.uid, type: 'application/strategic-merge-patch+json' },
      )
    },
    confirmDeleted: (pod) => outbox.deletePod(keyOf(pod), pod.metadata.uid ?? ''),
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
    outboxService,
    network,
    startAfter(kubelet.service, () => Promise.all([network.inPlace(), proxy.inPlace()]), wayWithinMs),
    proxy,
    nodeService,
  ]
  try {
    await runAll(services, signal)
  } finally {
    cri.close()
  }
}

/** So long pods wait for the first routes and rules; then they start without, as whatever keeps those away may stay. */
const wayWithinMs = 10_000

const both = (stop: () => void, stopOther: () => void) => () => {
  stop()
  stopOther()
}

/** Stops the node's pods and takes away what it put on the machine; its state stays for the next start. */
export async function resetNode(config: AgentConfig, log: Log): Promise<void> {
  const runtime = runtimeOf(config, log)
  const cache = cacheForReset(config, log)
  const cidrs = { clusterCidr: config.clusterCidr, serviceCidr: config.serviceCidr }
  const common = { cache, exec, log, node: config.node, instance: config.instance, ...cidrs }
  // Whatever is broken, what can be taken away is.
  const failures: unknown[] = []
  const attempt = (step: () => void | Promise<void>) =>
    Promise.resolve()
      .then(step)
      .catch((error: unknown) => failures.push(error))
  await attempt(() => stopPods(config, runtime, log))
  await attempt(() => createProxy(common).removeTable())
  await attempt(() => createNetwork({ ...common, cniConfDir: runtime.cniConfDir, runDir: config.runDir }).teardown())
  await attempt(async () => runtime.stop?.())
  await attempt(() => unmountUnder([join(config.dir, 'pods'), config.runDir]))
  await attempt(() => removeAllCgroups(config.instance))
  await attempt(() => rmSync(config.runDir, { recursive: true, force: true }))
  cache.close()
  if (failures.length > 0) throw new AggregateError(failures, failures.map(messageOf).join('; '))
}

// Pods have a few seconds of grace; a runtime that hangs is killed rather than waited for.
const stopPodsMs = 45_000

async function stopPods(config: AgentConfig, runtime: Runtime, log: Log): Promise<void> {
  try {
    // Containers can only be stopped in good order by a containerd that runs.
    await runtime.ensure?.(new AbortController().signal)
    const cri = createCri(runtime.socket)
    using deadline = createDeadline(stopPodsMs)
    try {
      const count = await stopAllPods({
        signal: deadline.signal,
        cri,
        instance: config.instance,
        agentDir: config.dir,
        ownsRuntime: config.criSocket === undefined,
      })
      log.info({ pods: count }, 'pods stopped')
    } finally {
      cri.close()
    }
  } catch (error) {
    if (runtime.stop === undefined) throw error // a runtime of somebody else's keeps them
    log.warn({ error: messageOf(error) }, 'containerd does not run, its containers are killed')
  }
}

/** A disk that is full, or gone, is no reason to keep a node running. */
function cacheForReset({ dir, runDir }: AgentConfig, log: Log): Cache {
  try {
    return createSqliteCache({ folder: dir, scratch: runDir, clock, log })
  } catch (error) {
    if (error instanceof FolderInUse) throw error
    return createMemoryCache()
  }
}

type Runtime = {
  readonly socket: string
  readonly cniConfDir: string
  readonly service?: Service
  ensure?(signal: AbortSignal): Promise<void>
  problem?(): string | undefined
  readonly settled?: Promise<void>
  noteImages?(images: readonly { readonly id: string; readonly names: readonly string[] }[]): void
  stop?(): Promise<void>
}

/** The containerd of our own, or the runtime that we were given. */
function runtimeOf({ criSocket, criCniConfDir, dir, runDir, cniBinDir }: AgentConfig, log: Log): Runtime {
  if (criSocket !== undefined) return { socket: criSocket, cniConfDir: criCniConfDir }
  return createContainerd({
    dir: join(dir, 'containerd'),
    runDir: join(runDir, 'containerd'),
    cniBinDir: foundCniBinDir(cniBinDir === '' ? ['/usr/lib/cni', '/opt/cni/bin'] : [cniBinDir]),
    log,
  })
}

function foundCniBinDir(folders: readonly string[]): string {
  const found = folders.find((folder) => ['ptp', 'host-local', 'loopback'].every((name) => existsSync(join(folder, name))))
  if (found === undefined)
    throw new ConfigError(
      `the CNI plugins are missing (no ptp in ${folders.join(' or ')}): apt install containernetworking-plugins, or give --cni-bin-dir`,
    )
  return found
}

/** The join token, from wherever it was given. */
function tokenOf({ token, tokenFile }: AgentConfig): string | undefined {
  if (token !== undefined || tokenFile === undefined) return token
  if (!existsSync(tokenFile)) throw new ConfigError(`--token-file: ${tokenFile} does not exist`)
  return readFileSync(tokenFile, 'utf8').trim()
}

/** The hub we were told, or the one of an earlier start. */
function rememberHub({ hub, dir }: AgentConfig, log: Log): string {
  const file = join(dir, 'hub')
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
  if (hub === undefined) {
    if (known !== undefined && isHubUrl(known)) return known
    const why = known === undefined ? 'is needed for the first start' : `is needed: ${file}, where it was remembered, is damaged`
    throw new ConfigError(`--hub (mqtts://host:port) ${why}`)
  }
  try {
    if (known !== hub) writeFileAtomic(file, `${hub}\n`)
  } catch (error) {
    log.warn({ file, error: messageOf(error) }, 'the hub cannot be remembered for the next start')
  }
  return hub
}

const pkiOf = ({ dir }: AgentConfig): string => join(dir, 'pki')

const hubTimeOf = (config: AgentConfig, log: Log) => createHubTime({ file: join(pkiOf(config), 'hub-time'), clock, log })

/** What this node proves itself with; damaged credentials are put aside when there is a token to join with anew. */
function credentialStore(config: AgentConfig, log: Log): CredentialStore {
  const folder = pkiOf(config)
  try {
    return createCredentialStore(folder)
  } catch (error) {
    if (!(error instanceof DamagedCredentials) || config.token === undefined) throw error
    log.warn({ error: messageOf(error) }, 'credentials are damaged, the node joins anew with its token')
    putCredentialsAside(folder)
    return createCredentialStore(folder)
  }
}

type RefuserDeps = { readonly node: string; readonly outbox: Outbox; readonly emitEvent: EmitEvent }

/** Fails a pod that this node cannot even hold, as a kubelet fails one that it does not admit; nothing of it is here. */
const refuserOf =
  ({ node, outbox, emitEvent }: RefuserDeps) =>
  (pod: PodOutline, why: string): void => {
    const { uid = '', deletionTimestamp } = pod.metadata
    if (deletionTimestamp !== undefined) return outbox.deletePod(keyOf(pod), uid)
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') return
    const [reason, message] = ['PodTooLarge', `node ${node} cannot hold this pod: ${why}`]
    emitEvent({ ...pod, spec: {} } as Pod, 'Warning', reason, message) // an event tells who it is about and no more
    outbox.patchStatus(
      pods,
      keyOf(pod),
      { status: { phase: 'Failed', reason, message } },
      { uid, type: 'application/strategic-merge-patch+json' },
    )
  }

const keyOf = ({ metadata: { name, namespace } }: { metadata: { name: string; namespace?: string } }) => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

const storageProblems = (cache: Cache): readonly string[] => {
  const problem = cache.problem()
  return problem === undefined ? [] : [problem]
}

const startsWithinMs = 10_000

async function runtimeStatus(cri: Cri, runtime: Runtime): Promise<RuntimeStatus> {
  // An agent that restarts finds its runtime in a moment, and must not say meanwhile that there is none.
  await Promise.race([runtime.settled, sleep(startsWithinMs)])
  const problem = runtime.problem?.()
  if (problem !== undefined) return { ready: false, message: problem }
  try {
    const [{ runtimeName, runtimeVersion }, conditions] = await Promise.all([cri.version(), cri.status()])
    const failed = conditions.find(({ type, status }) => type === 'RuntimeReady' && !status)
    return {
      ready: failed === undefined,
      version: `${runtimeName}://${runtimeVersion}`,
      ...(failed !== undefined && { message: failed.message }),
    }
  } catch (error) {
    return { ready: false, message: `the container runtime does not answer: ${messageOf(error)}` }
  }
}

type ImagesDeps = { readonly cri: Cri; readonly kubelet: Kubelet; readonly runtime: Runtime; readonly log: Log }

async function imagesOf({ cri, kubelet, runtime, log }: ImagesDeps): Promise<readonly NodeImage[]> {
  const [images, platforms] = await Promise.all([cri.listImages(), kubelet.imagePlatforms()])
  const named = images.map(({ id, size, repoTags, repoDigests }) => ({ id, size, repoTags, names: [...repoTags, ...repoDigests] }))
  try {
    runtime.noteImages?.(named.map(({ id, names }) => ({ id, names })))
  } catch (error) {
    log.debug({ error: messageOf(error) }, 'images could not be noted') // a disk that is full: what is noted is a little old
  }
  return named.map(({ names, repoTags, size }) => {
    const known = repoTags.map((name) => platforms[name]).find((found) => found !== undefined)
    return { names, sizeBytes: Number(size), ...(known !== undefined && { platforms: known }) }
  })
}
