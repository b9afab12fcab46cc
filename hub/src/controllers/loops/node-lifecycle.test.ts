import { leases } from '@bramble/shared/kinds/lease.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import { formatMicroTime } from '@bramble/shared/meta/time.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createNode, podOf, settle, startTestHub } from '../../client/test-hub.ts'
import type { TestHub } from '../../client/test-hub.ts'
import { controllersOf } from '../testing/controllers-of.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const config = {
  clusterCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}
const leaseKey = (name: string) => ({ name, namespace: 'kube-node-lease' })

async function startHub(names: readonly string[]): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(controllersOf(hub, { config }))
  for (const name of names) {
    await createNode(hub.client, name)
    await hub.client.create(leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: leaseKey(name),
      spec: { holderIdentity: name },
    })
  }
  await settle()
  return hub
}

/** Time passes, and the nodes that are named renew their leases meanwhile as agents do. */
async function pass(hub: TestHub, seconds: number, alive: readonly string[]) {
  for (let passed = 0; passed < seconds; passed += 5) {
    if (passed % 10 === 0) {
      for (const name of alive) {
        const body = { spec: { renewTime: formatMicroTime(new Date()) } }
        await hub.client.patch(leases, leaseKey(name), { type: 'application/merge-patch+json', body })
      }
    }
    await vi.advanceTimersByTimeAsync(Math.min(5, seconds - passed) * 1000)
    await settle(20)
  }
}

const will = (hub: TestHub, name: string, disconnectedAt: string | null) =>
  hub.client.patch(leases, leaseKey(name), {
    type: 'application/merge-patch+json',
    body: { metadata: { annotations: { 'bramble.io/disconnected-at': disconnectedAt } } },
  })

const ready = async (hub: TestHub, name: string) =>
  (await hub.client.get(nodes, { name })).status?.conditions?.find(({ type }) => type === 'Ready')
const taints = async (hub: TestHub, name: string) =>
  ((await hub.client.get(nodes, { name })).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)
const podKey = { name: 'a', namespace: 'default' }
const podReady = async (hub: TestHub) =>
  (await hub.client.get(pods, podKey)).status?.conditions?.find(({ type }) => type === 'Ready')?.status
const isThere = (hub: TestHub) =>
  hub.client.get(pods, podKey).then(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
    () => false,
  )

async function runPod(hub: TestHub, node: string) {
  await hub.client.create(pods, podOf('a', { nodeName: node }))
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True' }))
  const body = { status: { phase: 'Running', conditions } }
  await hub.client.patch(pods, podKey, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' })
  await settle()
}

const unreachable = ['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule']

test('a node that is lost is written twice, and so is one that is back: all others hear of each', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await hub.client.patch(
    nodes,
    { name: 'pi-1' },
    { type: 'application/merge-patch+json', body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } } },
    { subresource: 'status' },
  )
  await settle()
  const writes = async (disconnectedAt: string | null) => {
    hub.writes.length = 0
    await will(hub, 'pi-1', disconnectedAt)
    await settle(100)
    return hub.writes.filter((write) => write.includes('/api/v1/nodes/')).length
  }
  expect(await writes('2026-01-01T00:00:00.123Z')).toBe(2)
  expect((await taints(hub, 'pi-1')).toSorted()).toEqual(unreachable)
  expect(await writes(null)).toBe(2)
  expect([(await ready(hub, 'pi-1'))?.status, await taints(hub, 'pi-1')]).toEqual(['True', []])
})

test('a node whose connection was lost becomes Unknown at once, its pods not ready, and all is as before when it is back', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await runPod(hub, 'pi-1')
  await will(hub, 'pi-1', '2026-01-01T00:00:00.123Z')
  await settle(100)
  expect(await ready(hub, 'pi-1')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: expect.stringContaining('2026-01-01T00:00:00.123Z'),
  })
  expect((await taints(hub, 'pi-1')).sort()).toEqual(unreachable)
  expect(await podReady(hub)).toBe('False')
  expect(await ready(hub, 'pi-2')).toMatchObject({ status: 'True' })
  await will(hub, 'pi-1', null)
  await settle(100)
  expect(await ready(hub, 'pi-1')).toMatchObject({ status: 'True', reason: 'KubeletReady', message: 'ready' })
  expect(await taints(hub, 'pi-1')).toEqual([])
  expect(await podReady(hub)).toBe('True')
  expect((await hub.client.get(nodes, { name: 'pi-1' })).metadata.annotations ?? {}).toEqual({})
})

test('a node that is silent for 40 seconds by our clock is lost, and one that renews is not', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await pass(hub, 35, ['pi-2'])
  expect((await ready(hub, 'pi-1'))?.status).toBe('True')
  await pass(hub, 10, ['pi-2'])
  expect((await ready(hub, 'pi-1'))?.status).toBe('Unknown')
  expect((await ready(hub, 'pi-2'))?.status).toBe('True')
  await pass(hub, 300, ['pi-1', 'pi-2'])
  expect((await ready(hub, 'pi-1'))?.status).toBe('True')
})

test('nodes that are there cost no write', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await pass(hub, 10, ['pi-1', 'pi-2'])
  hub.writes.length = 0
  await pass(hub, 300, ['pi-1', 'pi-2'])
  expect(hub.writes).toEqual([])
})

test('a pod bound to a lost node is evicted after its toleration, and not before', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await runPod(hub, 'pi-1')
  await will(hub, 'pi-1', '2026-01-01T00:00:00.000Z')
  await pass(hub, 290, ['pi-2'])
  expect(await isThere(hub)).toBe(true)
  await pass(hub, 20, ['pi-2'])
  expect(await isThere(hub)).toBe(false)
})

test('when all nodes vanish together nothing is evicted and no pod is called not ready', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await runPod(hub, 'pi-1')
  await will(hub, 'pi-1', '2026-01-01T00:00:00.000Z')
  await settle(100)
  await will(hub, 'pi-2', '2026-01-01T00:00:01.000Z')
  await settle(200)
  expect((await ready(hub, 'pi-2'))?.status).toBe('Unknown')
  expect(await taints(hub, 'pi-1')).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
  expect(await podReady(hub)).toBe('True')
  await pass(hub, 900, [])
  expect(await isThere(hub)).toBe(true)
  await will(hub, 'pi-1', null)
  await settle(100)
  await will(hub, 'pi-2', null)
  await settle(100)
  expect(await ready(hub, 'pi-1')).toMatchObject({ status: 'True' })
  expect(await taints(hub, 'pi-2')).toEqual([])
})

test('of many nodes that fall silent together none is dealt with before all are judged', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `pi-${index + 1}`)
  await using hub = await startHub(names)
  await runPod(hub, 'pi-1')
  await pass(hub, 30, names)
  hub.writes.length = 0
  await pass(hub, 60, [])
  await settle(300)
  for (const name of names) expect((await ready(hub, name))?.status).toBe('Unknown')
  expect(hub.writes.filter((write) => write.includes('/pods/'))).toEqual([])
})

test('a second lost node has its pods driven away ten seconds after the first', async () => {
  await using hub = await startHub(['pi-1', 'pi-2', 'pi-3'])
  await will(hub, 'pi-1', '2026-01-01T00:00:00.000Z')
  await settle(100)
  await will(hub, 'pi-2', '2026-01-01T00:00:00.000Z')
  await settle(100)
  expect((await taints(hub, 'pi-1')).sort()).toEqual(unreachable)
  expect(await taints(hub, 'pi-2')).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
  await pass(hub, 15, ['pi-3'])
  expect((await taints(hub, 'pi-2')).sort()).toEqual(unreachable)
})

test('a node that says it is not ready, and one that is cordoned, are tainted as Kubernetes does', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  const body = { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'RuntimeDown', message: 'no runtime' }] } }
  await hub.client.patch(nodes, { name: 'pi-1' }, { type: 'application/strategic-merge-patch+json', body }, { subresource: 'status' })
  await hub.client.patch(nodes, { name: 'pi-2' }, { type: 'application/merge-patch+json', body: { spec: { unschedulable: true } } })
  await settle(100)
  expect((await taints(hub, 'pi-1')).sort()).toEqual(['node.kubernetes.io/not-ready:NoExecute', 'node.kubernetes.io/not-ready:NoSchedule'])
  expect(await taints(hub, 'pi-2')).toEqual(['node.kubernetes.io/unschedulable:NoSchedule'])
  await hub.client.patch(nodes, { name: 'pi-2' }, { type: 'application/merge-patch+json', body: { spec: { unschedulable: null } } })
  await settle(100)
  expect(await taints(hub, 'pi-2')).toEqual([])
})

test('a node that was lost before the hub started is back only when it has been heard of', async () => {
  await using hub = await startTestHub()
  await createNode(hub.client, 'pi-1')
  await createNode(hub.client, 'pi-2')
  const kept = JSON.stringify({ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready' })
  const before = { metadata: { annotations: { 'bramble.io/ready-before-lost': kept } } }
  await hub.client.patch(nodes, { name: 'pi-1' }, { type: 'application/merge-patch+json', body: before })
  const status = { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'since yesterday' }] }
  await hub.client.patch(nodes, { name: 'pi-1' }, { type: 'application/merge-patch+json', body: { status } }, { subresource: 'status' })
  hub.start(controllersOf(hub, { config }))
  await settle(100)
  expect(await ready(hub, 'pi-1')).toMatchObject({ status: 'Unknown', message: 'since yesterday' })
  expect(await ready(hub, 'pi-2')).toMatchObject({ status: 'True' })
  await hub.client.create(leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: leaseKey('pi-1'),
    spec: { holderIdentity: 'pi-1' },
  })
  await settle(100)
  expect(await ready(hub, 'pi-1')).toMatchObject({ status: 'True', reason: 'KubeletReady' })
})

test('pods of a node that was deleted are removed after its quarantine', async () => {
  await using hub = await startHub(['pi-1', 'pi-2'])
  await runPod(hub, 'pi-1')
  await hub.client.delete(nodes, { name: 'pi-1' })
  await pass(hub, 35, ['pi-2'])
  expect(await isThere(hub)).toBe(true)
  await pass(hub, 10, ['pi-2'])
  expect(await isThere(hub)).toBe(false)
})
