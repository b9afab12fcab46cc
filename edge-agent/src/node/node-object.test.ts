import { describe, expect, test } from 'vitest'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { NodeFacts } from './fact.ts'
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
