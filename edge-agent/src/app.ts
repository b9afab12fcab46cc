import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError } from '@bramble/shared/api-error.ts'
import { systemClock as clock } from '@bramble/shared/clock.ts'
import { ConfigError } from '@bramble/shared/config.ts'
import type { Log } from '@bramble/shared/log.ts'
import { messageOf, runAll, type Service } from '@bramble/shared/service.ts'
import { version } from '@bramble/shared/version.ts'
import type { Cache } from './cache/cache.ts'
import { createMemoryCache } from './cache/memory-cache.ts'
import { createSqliteCache, FolderInUse } from './cache/sqlite-cache.ts'
import type { AgentConfig } from './config.ts'
import { createCri } from './cri/client.ts'
import type { Cri } from './cri/cri.ts'
import { createCriEvents } from './cri/events.ts'
import { writeFileAtomic } from '@bramble/shared/atomic-file.ts'
import { exec } from './host/exec.ts'
import { unmountUnder } from './host/mounts.ts'
import { ownAddressTowards } from './host/own-address.ts'
import { missingPrograms } from './host/programs.ts'
import { removeAllCgroups } from './kubelet/cgroups.ts'
import { createKubelet, type Kubelet } from './kubelet/kubelet.ts'
import { stopAllPods } from './kubelet/stop-all.ts'
import { createCredentialStore } from './link/credentials.ts'
import { enroll } from './link/enroll.ts'
import { createLink } from './link/link.ts'
import { createOutbox } from './link/outbox.ts'
import { createSync } from './link/sync.ts'
import { createNetwork } from './network/network.ts'
import { machineSource } from './node/facts.ts'
import type { NodeImage, RuntimeStatus } from './node/node-object.ts'
import { createNode } from './node/node.ts'
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
  const cache = createSqliteCache({ folder: config.dir, clock, log })
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
  const hubUrl = rememberHub(config)
  // A machine that is refused as a node gets no runtime either.
  const credentials = createCredentialStore(join(dir, 'pki'))
  if (credentials.current() === undefined) {
    const token = tokenOf(config)
    if (token === undefined)
      throw new ConfigError('this node has not joined yet: give --token or --token-file (from `bramble token create` on the hub)')
    credentials.replace(await enroll({ hubUrl, token, node, clock, log }, signal))
    log.info({ node, hub: hubUrl }, 'joined')
  }

  // Pods first: what this node wants is known from its last life, and a hub may be far away.
  const runtime = runtimeOf(config, log)
  await runtime.ensure?.(signal)
  const cri = createCri(runtime.socket)
  const criEvents = createCriEvents({ socketPath: runtime.socket, log })

  // The one connection.
  const parts: { kubelet?: Kubelet } = {}
  const link = createLink({
    hubUrl,
    credentials,
    agentVersion: version,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    fleet: config.fleet,
    keepaliveSeconds: config.keepaliveSeconds,
    serveStream: (...request) => {
      if (parts.kubelet === undefined) throw new ApiError('ServiceUnavailable', 'the node is still starting: try again in a second')
      return parts.kubelet.serveStream(...request)
    },
    clock,
    log,
  })
  const { client } = link
  const { outbox, service: outboxService } = createOutbox({ client, connected: link.connected, log })
  const sync = createSync({ client, connected: link.connected, cache, node, log })

  // Those who act on what the cache holds.
  const hostIP = () =>
    cache.get(nodes, { name: node })?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1'
  const localPods = createLocalPods(cache)
  const kubelet = createKubelet({
    cri,
    criEvents,
    cache,
    nodeName: node,
    agentDir: dir,
    instance,
    hostIP,
    allocatable: () => cache.get(nodes, { name: node })?.status?.allocatable ?? {},
    reportStatus(pod, status) {
      localPods.report(pod, status)
      outbox.patchStatus(pods, keyOf(pod), { status }, { uid: pod.metadata.uid })
    },
    confirmDeleted: (pod) => outbox.deletePod(keyOf(pod), pod.metadata.uid ?? ''),
    emitEvent: createPodEvents({ node, clock, tell: (event) => outbox.emitEvent(event) }),
    log,
    clock,
  })
  parts.kubelet = kubelet
  const cidrs = { clusterCidr: config.clusterCidr, serviceCidr: config.serviceCidr }
  const proxy = createProxy({ cache, exec, log, node, instance, localPods, ...cidrs })
  const network = createNetwork({
    ...{ cache, exec, log, node, instance, ...cidrs },
    cniConfDir: runtime.cniConfDir,
    runDir: config.runDir,
    sandboxIds: async () => (await cri.listPodSandboxes()).map(({ id }) => id),
  })
  const nodeService = createNode({
    client,
    cache,
    clock,
    log,
    node,
    source: machineSource(dir, () => ownAddressTowards(new URL(hubUrl).hostname)),
    runtimeStatus: () => runtimeStatus(cri),
    networkReady: () => network.state(),
    networkProblems: () => [...network.problems(), ...proxy.problems()],
    images: () => imagesOf(cri, kubelet),
    onChange: (listener) => network.subscribe(listener),
  })

  const services: readonly Service[] = [
    ...(runtime.service === undefined ? [] : [runtime.service]),
    criEvents.service,
    link.service,
    sync,
    outboxService,
    network,
    kubelet.service,
    proxy,
    nodeService,
  ]
  try {
    await runAll(services, signal)
  } finally {
    cri.close()
  }
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
    try {
      const count = await stopAllPods({
        signal: AbortSignal.timeout(stopPodsMs),
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
function cacheForReset({ dir }: AgentConfig, log: Log): Cache {
  try {
    return createSqliteCache({ folder: dir, clock, log })
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
function rememberHub({ hub, dir }: AgentConfig): string {
  const file = join(dir, 'hub')
  if (hub !== undefined) {
    if (!existsSync(file) || readFileSync(file, 'utf8').trim() !== hub) writeFileAtomic(file, `${hub}\n`)
    return hub
  }
  if (!existsSync(file)) throw new ConfigError('--hub (mqtts://host:port) is needed for the first start')
  return readFileSync(file, 'utf8').trim()
}

const keyOf = ({ metadata: { name, namespace } }: { metadata: { name: string; namespace?: string } }) => ({
  name,
  ...(namespace !== undefined && { namespace }),
})

async function runtimeStatus(cri: Cri): Promise<RuntimeStatus> {
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

async function imagesOf(cri: Cri, kubelet: Kubelet): Promise<readonly NodeImage[]> {
  const [images, platforms] = await Promise.all([cri.listImages(), kubelet.imagePlatforms()])
  return images.map(({ repoTags, repoDigests, size }) => {
    const known = repoTags.map((name) => platforms[name]).find((found) => found !== undefined)
    return { names: [...repoTags, ...repoDigests], sizeBytes: Number(size), ...(known !== undefined && { platforms: known }) }
  })
}
