import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from '@bramble/shared/api/api-error.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { createLog, silentLog } from '@bramble/shared/logging/log.ts'
import type { Node } from '@bramble/shared/kinds/node.ts'
import type { Lease } from '@bramble/shared/kinds/lease.ts'
import { startTestHub } from '../../../hub/src/client/test-hub.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { leases, nodes } from '../resources.ts'
import type { FactSource } from './fact.ts'
import { createNode, type NodeDeps } from './node.ts'
import { hubSource } from '../link/sync/hub-source.ts'

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
      spec: { taints: [{ key: 'a' }, { key: 'node.kubernetes.io/not-ready' }] },
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
