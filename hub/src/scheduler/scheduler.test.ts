import { ApiError } from '@bramble/shared/api/api-error.ts'
import type { Client } from '@bramble/shared/api/client.ts'
import { systemClock } from '@bramble/shared/clock.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { nodes } from '@bramble/shared/kinds/node.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { createNode, podOf, settle, startTestHub, until } from '../client/test-hub.ts'
import type { TestHub } from '../client/test-hub.ts'
import { createScheduler } from './scheduler.ts'
import { hubParts } from '../apiserver/authz/hub-parts.ts'

async function startHub(): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(createScheduler({ client: hub.part(hubParts.scheduler), informers: hub.informers, clock: systemClock, log: silentLog }))
  return hub
}
const read = (hub: TestHub, name: string) => hub.client.get(pods, { name, namespace: 'default' })
const scheduledCondition = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'PodScheduled')
const bound = (hub: TestHub, name: string) => until(`${name} is bound`, async () => (await read(hub, name)).spec.nodeName)
const unschedulable = (hub: TestHub, name: string) =>
  until(`${name} is unschedulable`, async () => scheduledCondition(await read(hub, name))?.reason === 'Unschedulable')

test('a pod is bound to a node and the event says where', async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1')
  await hub.client.create(pods, podOf('a'))
  expect(await bound(hub, 'a')).toBe('pi-1')
  expect(scheduledCondition(await read(hub, 'a'))?.status).toBe('True')
  const [event] = await until('the event is there', async () => {
    const { items } = await hub.client.list(events, { namespace: 'default' })
    return items.length > 0 && items
  })
  expect(event).toMatchObject({
    reason: 'Scheduled',
    message: 'Successfully assigned default/a to pi-1',
    source: { component: 'default-scheduler' },
  })
})

test('a pod that fits nowhere says why, once, and is bound as soon as there is room', async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1', { memory: '512Mi' })
  const wanted = {
    containers: [{ name: 'main', image: 'busybox:1', resources: { requests: { memory: '1Gi' } } }],
  } as unknown as Pod['spec']
  await hub.client.create(pods, podOf('large', wanted))
  await unschedulable(hub, 'large')
  expect(scheduledCondition(await read(hub, 'large'))).toMatchObject({
    status: 'False',
    reason: 'Unschedulable',
    message: '0/1 nodes are available: 1 Insufficient memory.',
  })
  await settle()
  hub.writes.length = 0
  await settle(300)
  expect(hub.writes).toEqual([])
  await createNode(hub.client, 'pi-2')
  expect(await bound(hub, 'large')).toBe('pi-2')
})

test('a pod whose bind failed gives back the room it was to have, and is bound at the next try', async () => {
  await using hub = await startTestHub()
  const client = hub.part(hubParts.scheduler)
  let failures = 0
  const failing: Client = {
    ...client,
    async createSub(...call) {
      if (failures++ === 0) throw new ApiError('InternalError', 'the disk hiccuped')
      return client.createSub(...call)
    },
  }
  hub.start(createScheduler({ client: failing, informers: hub.informers, clock: systemClock, log: silentLog }))
  // There is room for it once: while it is taken to be there already, it does not fit.
  await createNode(hub.client, 'pi-1', { cpu: '1' })
  const spec = { containers: [{ name: 'main', image: 'busybox:1', resources: { requests: { cpu: '800m' } } }] } as unknown as Pod['spec']
  await hub.client.create(pods, podOf('a', spec))
  expect(await bound(hub, 'a')).toBe('pi-1')
  expect(failures).toBe(2)
})

test('a pod is bound when the taint that kept it away goes', async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1')
  const taint = (taints: unknown) =>
    hub.client.patch(nodes, { name: 'pi-1' }, { type: 'application/merge-patch+json', body: { spec: { taints } } })
  await taint([{ key: 'x', effect: 'NoSchedule' }])
  await hub.client.create(pods, podOf('a'))
  await unschedulable(hub, 'a')
  await taint(null)
  expect(await bound(hub, 'a')).toBe('pi-1')
})

test('a gated pod waits for its gates, and a pod of another scheduler is left alone', async () => {
  await using hub = await startHub()
  await createNode(hub.client, 'pi-1')
  await hub.client.create(pods, podOf('gated', { schedulingGates: [{ name: 'example.com/quota' }] }))
  await hub.client.create(pods, podOf('other', { schedulerName: 'mine' }))
  await until('it says so', async () => scheduledCondition(await read(hub, 'gated'))?.reason === 'SchedulingGated')
  expect((await read(hub, 'other')).status?.conditions).toBeUndefined()
  await hub.client.patch(
    pods,
    { name: 'gated', namespace: 'default' },
    { type: 'application/merge-patch+json', body: { spec: { schedulingGates: null } } },
  )
  expect(await bound(hub, 'gated')).toBe('pi-1')
  expect((await read(hub, 'other')).spec.nodeName).toBeUndefined()
})

test('a hundred pods at once are spread and never overfill a node', async () => {
  await using hub = await startHub()
  for (const name of ['pi-1', 'pi-2', 'pi-3']) await createNode(hub.client, name, { cpu: '4' })
  const spec = { containers: [{ name: 'main', image: 'busybox:1', resources: { requests: { cpu: '100m' } } }] } as unknown as Pod['spec']
  await Promise.all(Array.from({ length: 130 }, (_, i) => hub.client.create(pods, podOf(`p-${i}`, spec))))
  const items = await until('all are decided', async () => {
    const { items } = await hub.client.list(pods, { namespace: 'default' })
    return items.every((pod) => scheduledCondition(pod) !== undefined) && items
  })
  const perNode = ['pi-1', 'pi-2', 'pi-3'].map((name) => items.filter(({ spec }) => spec.nodeName === name).length)
  expect(perNode).toEqual([40, 40, 40])
  expect(items.filter(({ spec }) => spec.nodeName === undefined)).toHaveLength(10)
})
