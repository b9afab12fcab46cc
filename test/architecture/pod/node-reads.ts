import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { qosOf } from '@bramble/shared/kinds/rules/qos.ts'
import { containersOf } from '@bramble/shared/kinds/rules/containers-of.ts'
import { unmountUnder } from '../../../edge-agent/src/host/mounts.ts'
import { createMemoryCache } from '../../../edge-agent/src/cache/memory-cache.ts'
import { etcHosts } from '../../../edge-agent/src/kubelet/config/etc-hosts.ts'
import { createResolverFiles } from '../../../edge-agent/src/kubelet/config/resolver-files.ts'
import type { Objects } from '../../../edge-agent/src/kubelet/env/env.ts'
import { nodeFacts, type StepContext } from '../../../edge-agent/src/kubelet/parts.ts'
import { podPaths } from '../../../edge-agent/src/kubelet/paths.ts'
import { createActiveTime } from '../../../edge-agent/src/kubelet/plan/active-time.ts'
import { createEndings } from '../../../edge-agent/src/kubelet/plan/endings.ts'
import { plan } from '../../../edge-agent/src/kubelet/plan/plan.ts'
import { createProber } from '../../../edge-agent/src/kubelet/probes/prober.ts'
import { createQueues } from '../../../edge-agent/src/kubelet/queues.ts'
import { podStatus } from '../../../edge-agent/src/kubelet/status/pod-status.ts'
import { sandboxConfigOf } from '../../../edge-agent/src/kubelet/steps/make-sandbox.ts'
import { createLeftBehind } from '../../../edge-agent/src/kubelet/steps/left-behind.ts'
import { startContainer } from '../../../edge-agent/src/kubelet/steps/start-container.ts'
import { stopContainer } from '../../../edge-agent/src/kubelet/steps/stop-container.ts'
import { exited, isUp, memory, now, sandbox, seenContainer, seenPod } from '../../../edge-agent/src/kubelet/testing/samples.ts'
import { createPodVolumes } from '../../../edge-agent/src/kubelet/volumes/pod-volumes.ts'
import { takenHostPort } from '../../../edge-agent/src/kubelet/wanted/host-ports.ts'
import { referencesOf } from '../../../edge-agent/src/references.ts'
import { recorded } from './recorded.ts'

const clock = { now: () => now, monotonic: () => now }
const resolver = { nameservers: ['10.43.0.10'], searches: ['<namespace>.svc.cluster.local'], options: ['ndots:5'] }

const everything = {
  configMap: () => ({ data: { k: 'v', x: 'v' } }),
  secret: () => ({ data: { k: 'dg==', x: 'dg==' } }),
  has: () => true,
  services: () => [
    { metadata: { name: 's', namespace: 'default' }, spec: { clusterIP: '10.43.0.9', ports: [{ port: 80, protocol: 'TCP' }] } },
  ],
} as unknown as Objects
const nothing = { configMap: () => undefined, secret: () => undefined, has: () => false, services: () => [] } as unknown as Objects

/** A runtime that takes everything, and whose commands end so. */
const runtime = (exitCode: number) => {
  const known: Readonly<Record<string, unknown>> = {
    execSync: { exitCode, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) },
    imageInfo: { user: '1000' },
    imageStatus: { id: 'sha256:1', repoDigests: [] },
    createContainer: 'c1',
    podSandboxStatus: { network: { ip: '127.0.0.1', additionalIps: [] } },
  }
  return new Proxy({}, { get: (_, method) => async () => known[String(method)] })
}

/** Which fields of the pod this node reads while it takes the pod through its life, with the agent's own code and a runtime that agrees to all; `path`: for which field it was made. */
export async function nodeReads(pod: Pod, path: string): Promise<ReadonlySet<string>> {
  const reads = new Set<string>()
  const dir = await mkdtemp(join(tmpdir(), 'pod-page-'))
  const wanted = recorded(pod, (place) => reads.add(place))
  try {
    decide(pod, reads)
    await act(wanted, { objects: everything, exitCode: 0, dir })
    // Where what is named may be missing, or a command fail.
    if (/optional|Probe/.test(path)) await act(wanted, { objects: nothing, exitCode: 1, dir })
  } finally {
    await unmountUnder([dir])
    await rm(dir, { recursive: true, force: true })
  }
  return reads
}

/** The pure half: what is to be done and what is told, in every state that a pod can be in. */
function decide(pod: Pod, reads: Set<string>): void {
  const names = containersOf(pod.spec).map(({ name }) => name)
  const states = [
    seenPod([]),
    seenPod([sandbox()]),
    ...[0, 1].map((exitCode) =>
      seenPod(
        [sandbox()],
        names.map((name) => exited(name, exitCode)),
      ),
    ),
    seenPod(
      [sandbox()],
      names.map((name) => seenContainer(name)),
    ),
  ]
  const going = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-06-01T12:00:00Z' } }
  const begun = { ...pod, status: { startTime: '2026-06-01T11:00:00Z' } }
  const known = memory({ probes: new Map(names.map((name) => [`${name}-0`, isUp])) })
  for (const each of [pod, begun, going] as Pod[]) {
    const wanted = recorded(each, (place) => reads.add(place))
    for (const seen of states) {
      plan({ wanted, seen, memory: known, now, activeMs: 1 })
      podStatus({
        ...{ pod: wanted, seen, memory: known, previous: undefined, hostIP: '10.0.0.1', runtime: 'containerd', now, wallNow: now },
        activeMs: 1,
      })
    }
    createActiveTime({ facts: createMemoryCache().facts, clock, bootId: 'b' }).of(wanted)
    takenHostPort(wanted, [{ ...pod, metadata: { ...pod.metadata, uid: 'other' } }])
    referencesOf([wanted])
    qosOf(wanted.spec)
    etcHosts({ pod: wanted, podIPs: ['10.42.0.5'], nodeName: 'n', nodeHosts: '', clusterDomain: 'cluster.local' })
  }
}

type Act = { readonly objects: Objects; readonly exitCode: number; readonly dir: string }

/** The doing half; what fails has been read all the same. */
async function act(pod: Pod, { objects, exitCode, dir }: Act): Promise<void> {
  const paths = podPaths(dir)
  const signal = AbortSignal.timeout(5000) // a hook may sleep
  const names = containersOf(pod.spec).map(({ name }) => name)
  let remembered = memory()
  const context = {
    ...{ cri: runtime(exitCode), paths, pod, uid: pod.metadata.uid, signal, clock, ...createQueues() },
    ...{ instance: 'x', nodeName: 'node-1', clusterDomain: 'cluster.local', clusterResolver: () => resolver },
    leftBehind: createLeftBehind(signal, () => {}),
    endings: createEndings({ facts: createMemoryCache().facts, clock, bootId: 'b' }),
    hostIP: () => '127.0.0.1',
    resolverFiles: createResolverFiles({ paths, clusterResolver: () => resolver }),
    allocatable: () => ({}),
    limits: { hasMemoryCgroup: true, hasCpuCgroup: true, memoryBytes: 2 ** 30 },
    objects: () => objects,
    emit: () => {},
    seen: seenPod(
      [sandbox({ ips: ['127.0.0.1'] })],
      names.map((name) => seenContainer(name)),
    ),
    memory: () => remembered,
    remember: (change: object) => (remembered = { ...remembered, ...change }),
  } as unknown as StepContext // what the steps use
  await sandboxConfigOf(context, 0)
  const volumes = createPodVolumes(paths, { tokenFor: async () => 'token', due: () => [], forget: () => {} })
  const mounted = await volumes.mount(pod, { objects, node: nodeFacts(context), signal }).catch(() => new Map<string, string>())
  const isThere = new Map((pod.spec.volumes ?? []).map(({ name }) => [name, mounted.get(name) ?? dir]))
  remembered = memory({ volumes: { tag: 'mounted', paths: isThere } })
  for (const name of names) {
    await startContainer({ kind: 'startContainer', name, sandboxId: 's0', restartCount: 0 }, context).catch(() => {})
    await stopContainer({ kind: 'stopContainer', id: `${name}-0`, name, graceSeconds: 1 }, context).catch(() => {})
  }
  const prober = createProber({ ...context, emit: () => {}, onChange: () => {} })
  prober.sync(pod, context.seen)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  prober.states()
  prober.stop()
}
