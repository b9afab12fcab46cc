import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import { startTestHub } from '../../../hub/src/client/test-hub.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { leases, nodes } from '../resources.ts'
import type { FactSource, NodeFacts } from './fact.ts'
import { createNode, type NodeDeps } from './node.ts'
import { nodeObject, type NodeInput } from './node-object.ts'
import { metadataPatch, statusPatch } from './node-patch.ts'
import { hubSource } from '../link/sync/hub-source.ts'

const facts: Partial<NodeFacts> = {
  architecture: 'arm64',
  kernelArchitecture: 'arm64',
  cpus: 4,
  memoryBytes: 2 ** 30,
  ephemeralStorageBytes: 10 * 2 ** 30,
  addresses: ['192.168.1.5'],
  pageSizeBytes: 16384,
  ramGb: 1,
  emulatedArchitectures: ['amd64', 'arm'],
}
const input: NodeInput = {
  name: 'pi-1',
  facts,
  runtime: { ready: true, version: 'containerd://1.6.20' },
  network: { ready: true },
  images: [{ names: ['docker.io/library/busybox:1.36', 'docker.io/library/busybox@sha256:aa'], sizeBytes: 5, platforms: ['linux/arm64'] }],
  now: '2026-11-01T00:00:00Z',
}
const asSeen = (from: NodeInput): Node => {
  const { labels, annotations, status } = nodeObject(from)
  const defined = (record: object) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null))
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'pi-1', labels: defined(labels), annotations: defined(annotations) },
    status,
  } as unknown as Node
}
const conditionOf = (from: NodeInput, type: string) => nodeObject(from).status.conditions.find((condition) => condition.type === type)

describe('the Node object', () => {
  test('carries what schedulers and tools look for', () => {
    const { labels, annotations, status } = nodeObject(input)
    expect(labels).toMatchObject({
      'kubernetes.io/arch': 'arm64',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/hostname': 'pi-1',
      'bramble.io/page-size': '16384',
      'bramble.io/ram-gb': '1',
    })
    expect(annotations).toEqual({
      'bramble.io/emulated-architectures': 'amd64,arm',
      'bramble.io/image-platforms': '{"docker.io/library/busybox:1.36":["linux/arm64"]}',
    })
    expect(status.capacity).toEqual({ cpu: '4', memory: '1048576Ki', 'ephemeral-storage': '10485760Ki', pods: '110' })
    expect(status.allocatable).toEqual({ cpu: '4', memory: '786432Ki', 'ephemeral-storage': '9437184Ki', pods: '110' })
    expect(status.addresses).toEqual([
      { type: 'InternalIP', address: '192.168.1.5' },
      { type: 'Hostname', address: 'pi-1' },
    ])
    expect(status.nodeInfo).toMatchObject({ operatingSystem: 'linux', containerRuntimeVersion: 'containerd://1.6.20' })
  })

  test('is Ready only with a runtime and a network, and says which of them is missing', () => {
    expect(conditionOf(input, 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady' })
    const without = { ...input, runtime: { ready: false, message: 'connect ENOENT' }, network: { ready: false, message: 'no pod CIDR' } }
    expect(conditionOf(without, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message: 'container runtime is not ready: connect ENOENT; container runtime network not ready: no pod CIDR',
    })
  })

  test('says that its disk is full, and that it is no more only with some room to spare', () => {
    const withFree = (mi: number, { seen, freeInodes = 1 }: { seen?: Node; freeInodes?: number } = {}): NodeInput => ({
      ...input,
      facts: { ...facts, diskRoom: { freeBytes: mi * 2 ** 20, sizeBytes: 4096 * 2 ** 20, freeInodes } },
      ...(seen && { seen }),
    })
    expect(conditionOf(withFree(420), 'DiskPressure')).toMatchObject({ status: 'False', reason: 'KubeletHasNoDiskPressure' })
    const full = withFree(400)
    expect(conditionOf(full, 'DiskPressure')).toMatchObject({
      status: 'True',
      reason: 'KubeletHasDiskPressure',
      message: expect.stringContaining('less than 410Mi free'),
    })
    expect(conditionOf(withFree(420, { seen: asSeen(full) }), 'DiskPressure')).toMatchObject({ status: 'True' })
    expect(conditionOf(withFree(500, { seen: asSeen(full) }), 'DiskPressure')).toMatchObject({ status: 'False' })
    expect(conditionOf(withFree(2000, { freeInodes: 0.01 }), 'DiskPressure')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('5% of its inodes'),
    })
  })

  test('keeps the time of a condition until it turns', () => {
    const later = { ...input, seen: asSeen(input), now: '2026-11-02T00:00:00Z' }
    expect(conditionOf(later, 'Ready')).toMatchObject({
      lastTransitionTime: '2026-11-01T00:00:00Z',
      lastHeartbeatTime: '2026-11-02T00:00:00Z',
    })
    expect(conditionOf({ ...later, network: { ready: false } }, 'Ready')).toMatchObject({ lastTransitionTime: '2026-11-02T00:00:00Z' })
  })

  test('names a disabled memory controller with what to do, and takes it back once it is on', () => {
    const disabled = { ...input, facts: { ...facts, cgroup: { version: 2 as const, hasMemory: false } } }
    expect(conditionOf(input, 'MemoryCgroupDisabled')).toBeUndefined()
    expect(conditionOf(disabled, 'MemoryCgroupDisabled')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('cgroup_enable=memory'),
    })
    expect(conditionOf({ ...input, seen: asSeen(disabled) }, 'MemoryCgroupDisabled')).toMatchObject({ status: 'False' })
  })

  test('names pods that are out of reach, and takes it back once they are not', () => {
    const degraded = { ...input, networkProblems: ['pods of node far cannot be reached', 'the chain ip filter FORWARD drops'] }
    expect(conditionOf(input, 'NetworkDegraded')).toBeUndefined()
    expect(conditionOf(degraded, 'NetworkDegraded')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('far cannot be reached; the chain'),
    })
    expect(conditionOf({ ...input, seen: asSeen(degraded) }, 'NetworkDegraded')).toMatchObject({ status: 'False' })
  })

  test('says with the reason that what it is told cannot be kept, and that it can again', () => {
    const failing = { ...input, storageProblems: ['cache.db: database or disk is full'] }
    expect(conditionOf(input, 'StorageDegraded')).toBeUndefined()
    expect(conditionOf(failing, 'StorageDegraded')).toMatchObject({
      status: 'True',
      reason: 'NotKept',
      message: expect.stringContaining('database or disk is full'),
    })
    expect(conditionOf(failing, 'Ready')).toMatchObject({ status: 'True' })
    expect(conditionOf({ ...input, seen: asSeen(failing) }, 'StorageDegraded')).toMatchObject({ status: 'False' })
  })

  test('says what goes on although the hub does not list it, and that nothing does any more', () => {
    const restored = { ...input, restored: '3 pods go on' }
    expect(conditionOf(input, 'HubRestored')).toBeUndefined()
    expect(conditionOf(restored, 'HubRestored')).toMatchObject({ status: 'True', reason: 'Unlisted', message: '3 pods go on' })
    expect(conditionOf({ ...input, seen: asSeen(restored) }, 'HubRestored')).toMatchObject({ status: 'False' })
  })

  test('lists at most fifty images, the largest', () => {
    const images = Array.from({ length: 80 }, (_, index) => ({ names: [`i:${index}`], sizeBytes: index }))
    const listed = nodeObject({ ...input, images }).status.images
    expect(listed).toHaveLength(50)
    expect(listed[0]).toEqual({ names: ['i:79'], sizeBytes: 79 })
  })
})

describe('what is written', () => {
  const later = { ...input, now: '2026-11-02T00:00:00Z' }

  test('is nothing when only the time went on', () => {
    const seen = asSeen(input)
    expect(statusPatch(nodeObject({ ...later, seen }), seen)).toBeUndefined()
    expect(metadataPatch(nodeObject({ ...later, seen }), seen)).toBeUndefined()
  })

  test('is the condition that turned and no other', () => {
    const seen = asSeen(input)
    const patch = statusPatch(nodeObject({ ...later, seen, network: { ready: false } }), seen)
    expect(patch).toEqual({ status: { conditions: [expect.objectContaining({ type: 'Ready', status: 'False' })] } })
  })

  test('tells what it mounts beside what all do, and takes back what it does not any more', () => {
    const seen = asSeen({ ...input, volumeSources: ['secret', 'nfs'] })
    expect(seen.metadata.labels).toMatchObject({ 'volumes.bramble.io/nfs': 'true' })
    expect(Object.keys(seen.metadata.labels ?? {})).not.toContain('volumes.bramble.io/secret')
    expect(nodeObject({ ...input, seen, volumeSources: ['secret', 'image'] }).labels).toMatchObject({
      'volumes.bramble.io/nfs': null,
      'volumes.bramble.io/image': 'true',
    })
  })

  test('is our labels, where those of users stay', () => {
    const seen = asSeen(input)
    seen.metadata.labels = { ...seen.metadata.labels, mine: 'yes', 'bramble.io/ram-gb': '2', 'bramble.io/storage': 'sd' }
    expect(metadataPatch(nodeObject({ ...later, seen }), seen)).toEqual({
      metadata: { labels: { 'bramble.io/ram-gb': '1', 'bramble.io/storage': null } },
    })
  })

  test('is a condition that the hub made Unknown while we were away', () => {
    const seen = asSeen(input)
    for (const condition of seen.status?.conditions ?? []) condition.status = 'Unknown'
    const patch = statusPatch(nodeObject({ ...later, seen }), seen) as { status: { conditions: readonly object[] } }
    expect(patch.status.conditions).toHaveLength(4)
  })
})

describe('the node service', () => {
  const open: AsyncDisposable[] = []
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each[Symbol.asyncDispose]()
  })

  const source: FactSource = {
    proc: '/nonexistent',
    sys: '/nonexistent',
    etc: '/nonexistent',
    processArch: 'arm64',
    machine: 'aarch64',
    hostname: 'pi-1',
    kernelRelease: '6.6',
    now: Date.now,
    dataDir: '/tmp',
    interfaces: () => ({ eth0: [{ address: '192.168.1.5', family: 'IPv4', internal: false }] }),
  }
  const key = { name: 'pi-1' }
  const leaseKey = { name: 'pi-1', namespace: 'kube-node-lease' }

  /** A real apiserver, which can be out of reach. */
  async function startHub() {
    const hub = await startTestHub()
    open.push(hub)
    const state = { isAway: false, isFull: false, refused: 0 }
    const client = new Proxy(hub.client, {
      get(target, verb) {
        const call = Reflect.get(target, verb) as (...args: readonly unknown[]) => Promise<unknown>
        return async (...args: readonly unknown[]) => {
          const isKept = state.isFull && args[0] === nodes && verb !== 'get'
          if (!state.isAway && !isKept) return call(...args)
          state.refused++
          throw new ApiError('ServiceUnavailable', 'the hub is away')
        }
      },
    })
    const ready = async () => (await hub.client.get(nodes, key)).status?.conditions?.find(({ type }) => type === 'Ready')?.status
    return { ...hub, client: hub.client, agentClient: client, state, ready }
  }

  function start(hub: Awaited<ReturnType<typeof startHub>>, more: Partial<NodeDeps> = {}) {
    const controller = new AbortController()
    let ring = () => {}
    const cache = createMemoryCache()
    const service = createNode({
      client: hub.agentClient,
      cache,
      clock: systemClock,
      log: silentLog,
      node: 'pi-1',
      source,
      runtimeStatus: async () => ({ ready: true, version: 'containerd://1.6.20' }),
      networkReady: () => ({ ready: true }),
      images: async () => [{ names: ['docker.io/library/busybox:1'], sizeBytes: 7, platforms: ['linux/arm64'] }],
      onChange: (listener) => {
        ring = listener
        return () => {}
      },
      ...more,
    })
    const ended = service.run(controller.signal)
    const stop = async () => {
      controller.abort()
      await ended
    }
    open.push({ [Symbol.asyncDispose]: stop })
    return { cache, service, stop, ring: () => ring() }
  }

  test('a node that starts while the hub can store nothing renews its lease: it lives, and is not taken for lost', async () => {
    const hub = await startHub()
    const first = start(hub)
    await first.service.registered()
    const { spec } = await vi.waitFor(() => hub.client.get(leases, leaseKey))
    await first.stop()
    const full = new ApiError('InternalError', 'the disk is full')
    const agentClient = new Proxy(hub.client, {
      get: (target, verb) => {
        const call = Reflect.get(target, verb) as (resource: unknown, ...rest: readonly unknown[]) => Promise<unknown>
        // Leases are kept in memory; whatever else is written needs the disk.
        const isRefused = (resource: unknown) => verb !== 'get' && resource !== leases
        return async (resource: unknown, ...rest: readonly unknown[]) => {
          if (isRefused(resource)) throw full
          return call(resource, ...rest)
        }
      },
    })
    start({ ...hub, agentClient }, { runtimeStatus: async () => ({ ready: false, message: 'changed' }) })
    await vi.waitFor(async () => expect((await hub.client.get(leases, leaseKey)).spec?.renewTime).not.toBe(spec?.renewTime))
    expect(await hub.ready()).toBe('True') // as it was: the status is what the hub cannot take
  })

  test('registers the node and its lease, and then writes nothing more', async () => {
    const hub = await startHub()
    let asked = 0
    const runtimeStatus = async () => {
      asked++
      return { ready: true, version: 'containerd://1.6.20' }
    }
    const { service, ring } = start(hub, { runtimeStatus })
    await service.registered()
    expect(await hub.client.get(nodes, key)).toMatchObject({ metadata: { labels: { 'kubernetes.io/arch': 'arm64' } } })
    await vi.waitFor(async () =>
      expect(await hub.client.get(leases, leaseKey)).toMatchObject({ spec: { holderIdentity: 'pi-1', leaseDurationSeconds: 40 } }),
    )
    const before = asked
    for (let again = 1; again <= 2; again++) {
      ring()
      await vi.waitFor(() => expect(asked).toBe(before + again))
    }
    expect(hub.writes.filter((write) => write.includes('/nodes'))).toEqual(['POST /api/v1/nodes'])
  })

  test('takes over the object that is there, with the labels and taints of its owner', async () => {
    const hub = await startHub()
    const existing = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'pi-1', labels: { room: 'attic' } }, spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } } // prettier-ignore
    await hub.client.create(nodes, existing as Node)
    const { service } = start(hub)
    await service.registered()
    expect(await hub.client.get(nodes, key)).toMatchObject({
      metadata: { labels: { room: 'attic', 'kubernetes.io/hostname': 'pi-1' } },
      spec: { taints: [{ key: 'a' }] },
      status: {
        addresses: [{ type: 'InternalIP', address: '192.168.1.5' }, { type: 'Hostname' }],
        conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]),
      },
    })
    expect(hub.writes.filter((write) => write.startsWith('POST /api/v1/nodes'))).toHaveLength(1)
  })

  test('leaves the note of the hub on the lease alone', async () => {
    const hub = await startHub()
    const annotations = { 'bramble.io/disconnected-at': '2026-11-01T00:00:00.000Z' }
    await hub.client.create(leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...leaseKey, annotations },
      spec: {},
    } as Lease)
    start(hub)
    await vi.waitFor(async () =>
      expect(await hub.client.get(leases, leaseKey)).toMatchObject({ metadata: { annotations }, spec: { holderIdentity: 'pi-1' } }),
    )
  })

  test('tells at once that the network came up, and that an address changed', async () => {
    const hub = await startHub()
    let ready = false
    let address = '192.168.1.5'
    const interfaces = () => ({ eth0: [{ address, family: 'IPv4', internal: false }] })
    const { service, ring } = start(hub, { networkReady: () => ({ ready }), source: { ...source, interfaces } })
    await service.registered()
    expect(await hub.ready()).toBe('False')
    ready = true
    address = '192.168.1.77'
    ring()
    await vi.waitFor(async () => expect(await hub.ready()).toBe('True'))
    expect((await hub.client.get(nodes, key)).status?.addresses).toEqual([
      { type: 'InternalIP', address: '192.168.1.77' },
      { type: 'Hostname', address: 'pi-1' },
    ])
  })

  test('an address that changes while the hub is away is known to the node itself at once', async () => {
    const hub = await startHub()
    hub.state.isAway = true
    let address = '192.168.1.5'
    const interfaces = () => ({ eth0: [{ address, family: 'IPv4', internal: false }] })
    const { service } = start(hub, { source: { ...source, interfaces } })
    const heard: (string | undefined)[] = []
    service.onAddress(() => heard.push(service.address()))
    await vi.waitFor(() => expect(heard).toEqual(['192.168.1.5']))
    address = '192.168.1.77'
    await vi.waitFor(() => expect(heard).toEqual(['192.168.1.5', '192.168.1.77']))
    expect(hub.writes).toEqual([])
  })

  test('takes back what the hub supposed while it was away', async () => {
    const hub = await startHub()
    const { service, cache } = start(hub)
    await service.registered()
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'silent since 12:00' }]
    const lost = await hub.client.patch(
      nodes,
      key,
      { type: 'application/strategic-merge-patch+json', body: { status: { conditions } } },
      { subresource: 'status' },
    )
    hubSource(cache).apply({ scope: 'nodes', resource: nodes, puts: [lost], deletes: [], resourceVersion: '9' })
    await vi.waitFor(async () => expect(await hub.ready()).toBe('True'))
  })

  test('tells a hub that was restored from a backup how it is, though it had told the hub before', async () => {
    const hub = await startHub()
    const { service, cache } = start(hub)
    const heardOf = (node: Node, resourceVersion: string) =>
      hubSource(cache).apply({ scope: 'nodes', resource: nodes, puts: [node], deletes: [], resourceVersion })
    await service.registered()
    const now = await hub.client.get(nodes, key)
    const { resourceVersion = '' } = now.metadata
    heardOf({ ...now, metadata: { ...now.metadata, resourceVersion: String(Number(resourceVersion) + 10) } }, '9')
    await Promise.resolve() // told
    const conditions = [{ type: 'Ready', status: 'False', reason: 'Starting', message: 'of the backup' }]
    const path = { type: 'application/strategic-merge-patch+json', body: { status: { conditions } } } as const
    const old = await hub.client.patch(nodes, key, path, { subresource: 'status' })
    heardOf({ ...old, metadata: { ...old.metadata, resourceVersion: '1' } }, '1')
    await vi.waitFor(async () => expect(await hub.ready()).toBe('True'))
  })

  test('waits for a hub that is away, and stops when told', async () => {
    const hub = await startHub()
    hub.state.isAway = true
    const { service, stop } = start(hub)
    await vi.waitFor(() => expect(hub.state.refused).toBeGreaterThan(1))
    hub.state.isAway = false
    await service.registered()
    await stop()
  })

  test('renews its lease although the hub cannot take its status: a full disk there makes no node lost', async () => {
    const hub = await startHub()
    const first = start(hub)
    const renewTime = async () => (await hub.client.get(leases, leaseKey)).spec?.renewTime
    await first.service.registered()
    await vi.waitFor(async () => expect(await renewTime()).toBeDefined())
    await first.stop()
    const before = await renewTime()
    hub.state.isFull = true
    const second = start(hub, { runtimeStatus: async () => ({ ready: false, message: 'changed' }) })
    await vi.waitFor(async () => expect(await renewTime()).not.toBe(before))
    expect(hub.state.refused).toBeGreaterThan(0)
    await second.stop()
  })

  test('says at once that its node was deleted, though it has nothing to report', async () => {
    const hub = await startHub()
    const lines: string[] = []
    const { service, cache } = start(hub, { log: createLog({ level: 'warn', write: (line) => lines.push(line) }) })
    await service.registered()
    const own = await hub.client.get(nodes, key)
    hubSource(cache).apply({ scope: 'nodes', resource: nodes, puts: [own], deletes: [], resourceVersion: '9' })
    await hub.client.delete(nodes, key)
    hubSource(cache).apply({ scope: 'nodes', resource: nodes, puts: [], deletes: [key], resourceVersion: '10' })
    await vi.waitFor(() => expect(lines.join()).toContain('this node was deleted from the cluster'))
  })

  test('does not bring back a node that was deleted', async () => {
    const hub = await startHub()
    let ready = true
    let asked = 0
    const networkReady = () => {
      asked++
      return { ready }
    }
    const { service, ring } = start(hub, { networkReady })
    await service.registered()
    await hub.client.delete(nodes, key)
    ready = false
    ring() // finds it gone
    const before = asked
    await vi.waitFor(() => expect(asked).toBeGreaterThan(before))
    ring()
    await vi.waitFor(() => expect(hub.writes.at(-1)).toBe('PATCH /api/v1/nodes/pi-1/status'))
    await expect(hub.client.get(nodes, key)).rejects.toThrow('not found')
  })
})
