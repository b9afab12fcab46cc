import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiError, notFound } from '@bramble/shared/api-error.ts'
import type { Client, KubeObject, ObjectKey, Patch, Resource } from '@bramble/shared/client.ts'
import { silentLog } from '@bramble/shared/log.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { leases, nodes } from '../resources.ts'
import type { FactSource, NodeFacts } from './fact.ts'
import { createNode, type NodeDeps } from './node.ts'
import { nodeObject, type NodeInput } from './node-object.ts'
import { metadataPatch, statusPatch } from './node-patch.ts'

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
  const over: AbortController[] = []
  afterEach(() => over.splice(0).forEach((controller) => controller.abort()))

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
    interfaces: () => ({}),
  }

  function start(hub: ReturnType<typeof smallHub>, more: Partial<NodeDeps> = {}) {
    const controller = new AbortController()
    over.push(controller)
    let ring = () => {}
    const cache = createMemoryCache()
    const service = createNode({
      client: hub.client,
      cache,
      clock: { now: () => Date.parse('2026-11-01'), monotonic: () => 0 },
      log: silentLog,
      node: 'pi-1',
      source,
      runtimeStatus: async () => ({ ready: true, version: 'containerd://1.6.20' }),
      networkReady: () => ({ ready: true }),
      images: async () => [],
      onChange: (listener) => {
        ring = listener
        return () => {}
      },
      ...more,
    })
    const ended = service.run(controller.signal)
    return { cache, service, ended, stop: () => controller.abort(), ring: () => ring() }
  }

  test('registers the node and its lease, and then writes nothing more', async () => {
    const hub = smallHub()
    const { service, ring } = start(hub)
    await service.registered()
    await vi.waitFor(() =>
      expect(hub.objects.get('leases/kube-node-lease/pi-1')).toMatchObject({ spec: { holderIdentity: 'pi-1', leaseDurationSeconds: 40 } }),
    )
    expect(hub.objects.get('nodes//pi-1')).toMatchObject({ metadata: { labels: { 'kubernetes.io/arch': 'arm64' } } })
    const writes = hub.writes.filter((write) => write.includes('nodes')).length
    ring()
    await new Promise(setImmediate)
    expect(hub.writes.filter((write) => write.includes('nodes'))).toHaveLength(writes)
  })

  test('takes over the object that is there, with the labels and taints of its owner', async () => {
    const hub = smallHub()
    hub.put(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'pi-1', labels: { room: 'attic' } },
      spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
    } as unknown as Node)
    const { service } = start(hub)
    await service.registered()
    expect(hub.objects.get('nodes//pi-1')).toMatchObject({
      metadata: { labels: { room: 'attic', 'kubernetes.io/hostname': 'pi-1' } },
      spec: { taints: [{ key: 'a' }] },
      status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'True' })]) },
    })
    expect(hub.writes.some((write) => write.startsWith('create nodes'))).toBe(false)
  })

  test('leaves the note of the hub on the lease alone', async () => {
    const hub = smallHub()
    const annotations = { 'bramble.io/disconnected-at': '2026-11-01T00:00:00.000Z' }
    hub.put(leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'pi-1', namespace: 'kube-node-lease', annotations },
      spec: {},
    } as Lease)
    start(hub)
    await vi.waitFor(() =>
      expect(hub.objects.get('leases/kube-node-lease/pi-1')).toMatchObject({ metadata: { annotations }, spec: { holderIdentity: 'pi-1' } }),
    )
  })

  test('tells at once that the network came up', async () => {
    const hub = smallHub()
    let ready = false
    const { service, ring } = start(hub, { networkReady: () => ({ ready }) })
    await service.registered()
    const status = () => (hub.objects.get('nodes//pi-1') as Node).status?.conditions?.find(({ type }) => type === 'Ready')?.status
    expect(status()).toBe('False')
    ready = true
    ring()
    await vi.waitFor(() => expect(status()).toBe('True'))
  })

  test('waits for a hub that is away, and stops when told', async () => {
    const hub = smallHub()
    hub.isAway = true
    const { service, stop, ended } = start(hub)
    await vi.waitFor(() => expect(hub.refused).toBeGreaterThan(1))
    hub.isAway = false
    await service.registered()
    stop()
    await ended
  })

  test('does not bring back a node that was deleted', async () => {
    const hub = smallHub()
    let ready = true
    const { service, ring } = start(hub, { networkReady: () => ({ ready }) })
    await service.registered()
    hub.objects.delete('nodes//pi-1')
    ready = false
    ring()
    await vi.waitFor(() => expect(hub.refused).toBe(3)) // the first look at node and lease, and this
    expect(hub.objects.has('nodes//pi-1')).toBe(false)
  })
})

/** The verbs a node uses, over a map: merge patches, and lists of conditions and addresses merged by type. */
function smallHub() {
  const objects = new Map<string, KubeObject>()
  const writes: string[] = []
  const path = ({ resource }: Resource, { namespace = '', name }: ObjectKey) => `${resource}/${namespace}/${name}`
  let revision = 1
  const hub = {
    objects,
    writes,
    isAway: false,
    refused: 0,
    put(resource: Resource, object: KubeObject) {
      const metadata = { ...object.metadata, resourceVersion: String(revision++), uid: 'u' }
      objects.set(path(resource, metadata), { ...object, metadata })
      return objects.get(path(resource, metadata)) as never
    },
    client: {
      async get(resource: Resource, key: ObjectKey) {
        return found(resource, key)
      },
      async create(resource: Resource, object: KubeObject) {
        writes.push(`create ${path(resource, object.metadata)}`)
        return hub.put(resource, object)
      },
      async patch(resource: Resource, key: ObjectKey, { body }: Patch, { subresource = '' } = {}) {
        const before = found(resource, key)
        writes.push(`patch ${path(resource, key)} ${subresource}`)
        return hub.put(resource, merge(before, body) as KubeObject)
      },
    } as unknown as Client,
  }
  const found = (resource: Resource, key: ObjectKey): never => {
    const object = objects.get(path(resource, key))
    if (hub.isAway || object === undefined) hub.refused++
    if (hub.isAway) throw new ApiError('ServiceUnavailable', 'the hub is away')
    if (object === undefined) throw notFound(resource, key.name)
    return object as never
  }
  return hub
}

function merge(before: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) {
    const typed = patch.filter((item: { $patch?: string }) => item.$patch === undefined) as { type?: string }[]
    const kept = patch.length === typed.length && Array.isArray(before) ? (before as { type?: string }[]) : []
    return [...kept.filter(({ type }) => !typed.some((item) => item.type === type)), ...typed]
  }
  if (typeof patch !== 'object' || patch === null) return patch
  const result: Record<string, unknown> = { ...(before as object | undefined) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key], value)
  }
  return result
}
