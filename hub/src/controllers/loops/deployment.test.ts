import { systemClock } from '@bramble/shared/clock.ts'
import { deployments } from '@bramble/shared/kinds/deployment.ts'
import type { Deployment } from '@bramble/shared/kinds/deployment.ts'
import { events } from '@bramble/shared/kinds/event.ts'
import { pods } from '@bramble/shared/kinds/pod.ts'
import type { Pod } from '@bramble/shared/kinds/pod.ts'
import { replicaSets } from '@bramble/shared/kinds/replica-set.ts'
import { silentLog } from '@bramble/shared/logging/log.ts'
import { expect, test } from 'vitest'
import { createNode, createPretendAgents, settle, startTestHub, until } from '../../client/test-hub.ts'
import type { TestHub } from '../../client/test-hub.ts'
import { createScheduler } from '../../scheduler/scheduler.ts'
import { controllersOf } from '../testing/controllers-of.ts'
import { isReady } from '../pod-state.ts'
import { hubParts } from '../../apiserver/authz/hub-parts.ts'

const config = {
  clusterCidr: '10.42.0.0/16',
  serviceCidr: '10.43.0.0/16',
  hubAddresses: () => ['192.168.1.2'],
  hubPort: 6443,
  rootCa: 'ca',
}
const key = { name: 'web', namespace: 'default' }

async function startHub(becomesReady: (pod: Pod) => boolean = () => true): Promise<TestHub> {
  const hub = await startTestHub()
  hub.start(
    controllersOf(hub, { config }),
    createScheduler({ client: hub.part(hubParts.scheduler), informers: hub.informers, clock: systemClock, log: silentLog }),
    createPretendAgents(hub.client, becomesReady),
  )
  await createNode(hub.client, 'pi-1')
  return hub
}

const webOf = (image: string, spec: Record<string, unknown> = {}): Deployment =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: key,
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image }] } },
      ...spec,
    },
  }) as unknown as Deployment // the API adds the defaults

const change = (hub: TestHub, spec: Record<string, unknown>) =>
  hub.client.patch(deployments, key, { type: 'application/merge-patch+json', body: { spec } })
const setImage = (hub: TestHub, image: string) => change(hub, { template: { spec: { containers: [{ name: 'main', image }] } } })
const read = (hub: TestHub) => hub.client.get(deployments, key)
const setsOf = async (hub: TestHub) => (await hub.client.list(replicaSets, { namespace: 'default' })).items
const podsOf = async (hub: TestHub) => (await hub.client.list(pods, { namespace: 'default' })).items
const progress = async (hub: TestHub) => (await read(hub)).status?.conditions?.find(({ type }) => type === 'Progressing')

const rolledOut = (hub: TestHub, replicas = 3) =>
  until('it is rolled out', async () => {
    const { metadata, status } = await read(hub)
    const counts = [status?.replicas, status?.updatedReplicas, status?.availableReplicas].map((count) => count ?? 0)
    return (
      status?.observedGeneration === metadata.generation &&
      counts.every((count) => count === replicas) &&
      (await progress(hub))?.reason === 'NewReplicaSetAvailable'
    )
  })

test('a rolling update keeps its promises at every moment', async () => {
  await using hub = await startHub()
  await hub.client.create(
    deployments,
    webOf('busybox:1', { replicas: 6, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } }),
  )
  await rolledOut(hub, 6)
  const live = new Map((await podsOf(hub)).map((pod) => [pod.metadata.name, pod]))
  let fewest = 6
  let most = 6
  const stop = new AbortController()
  const watching = (async () => {
    const { metadata } = await hub.client.list(pods, { namespace: 'default' })
    for await (const { type, object } of hub.client.watch(pods, { resourceVersion: metadata.resourceVersion }, { signal: stop.signal })) {
      if (type === 'DELETED') live.delete(object.metadata.name)
      else if (type !== 'BOOKMARK') live.set(object.metadata.name, object)
      const all = [...live.values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      fewest = Math.min(fewest, all.filter(isReady).length)
      most = Math.max(most, all.length)
    }
  })().catch(() => {}) // the abort
  await setImage(hub, 'busybox:2')
  await rolledOut(hub, 6)
  stop.abort()
  await watching
  expect(fewest).toBeGreaterThanOrEqual(5)
  expect(most).toBeLessThanOrEqual(8)
  expect((await podsOf(hub)).map(({ spec }) => spec.containers[0]?.image)).toEqual(Array.from({ length: 6 }, () => 'busybox:2'))
})

test('an update whose pods never become ready leaves the old ones serving', async () => {
  await using hub = await startHub(({ spec }) => spec.containers[0]?.image !== 'broken:1')
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub)
  await setImage(hub, 'broken:1')
  await until('the new pod is there', async () => (await podsOf(hub)).length === 4)
  await settle(200)
  const all = await podsOf(hub)
  expect(all.filter(({ spec }) => spec.containers[0]?.image === 'busybox:1').filter(isReady)).toHaveLength(3)
  expect((await read(hub)).status).toMatchObject({ replicas: 4, updatedReplicas: 1, readyReplicas: 3, unavailableReplicas: 1 })
  await setImage(hub, 'busybox:1')
  await rolledOut(hub)
  expect(await setsOf(hub)).toHaveLength(2)
})

test('Recreate lets the last old pod go before the first new one comes', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1', { strategy: { type: 'Recreate' } }))
  await rolledOut(hub)
  const images = new Set<string>()
  let mixed = false
  const stop = new AbortController()
  const live = new Map<string, string>()
  for (const pod of await podsOf(hub)) live.set(pod.metadata.name, pod.spec.containers[0]?.image ?? '')
  const { metadata } = await hub.client.list(pods, { namespace: 'default' })
  const watching = (async () => {
    for await (const { type, object } of hub.client.watch(pods, { resourceVersion: metadata.resourceVersion }, { signal: stop.signal })) {
      if (type === 'DELETED') live.delete(object.metadata.name)
      else if (type !== 'BOOKMARK') live.set(object.metadata.name, object.spec.containers[0]?.image ?? '')
      images.clear()
      for (const image of live.values()) images.add(image)
      mixed ||= images.size > 1
    }
  })().catch(() => {}) // the abort
  await setImage(hub, 'busybox:2')
  await rolledOut(hub)
  stop.abort()
  await watching
  expect(mixed).toBe(false)
  expect([...images]).toEqual(['busybox:2'])
})

test('history is kept up to its limit, and a template of old is found again', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1', { replicas: 1, revisionHistoryLimit: 2 }))
  await rolledOut(hub, 1)
  for (const image of ['busybox:2', 'busybox:3', 'busybox:4', 'busybox:5']) {
    await setImage(hub, image)
    await rolledOut(hub, 1)
  }
  const images = async () => (await setsOf(hub)).map(({ spec }) => spec.template?.spec.containers[0]?.image ?? '').sort()
  await until('the oldest are gone', async () => (await setsOf(hub)).length === 3)
  expect(await images()).toEqual(['busybox:3', 'busybox:4', 'busybox:5'])
  await setImage(hub, 'busybox:3')
  await rolledOut(hub, 1)
  expect(await images()).toEqual(['busybox:3', 'busybox:4', 'busybox:5'])
  const current = (await setsOf(hub)).find(({ spec }) => spec.replicas === 1)
  expect(current?.metadata.annotations).toMatchObject({
    'deployment.kubernetes.io/revision': '6',
    'deployment.kubernetes.io/revision-history': '3',
  })
})

test('a paused deployment is scaled but not rolled, and goes on when it is resumed', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub)
  await change(hub, { paused: true })
  await until('it says so', async () => (await progress(hub))?.reason === 'DeploymentPaused')
  await setImage(hub, 'busybox:2')
  await change(hub, { replicas: 5 })
  await until('it is scaled', async () => (await podsOf(hub)).length === 5)
  await settle(100)
  expect(await setsOf(hub)).toHaveLength(1)
  await change(hub, { paused: null })
  await rolledOut(hub, 5)
  expect(await setsOf(hub)).toHaveLength(2)
})

test('a name that is taken by a stranger is not taken over: the hash gets another turn', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1', { replicas: 1 }))
  await rolledOut(hub, 1)
  const [first] = await setsOf(hub)
  await hub.client.delete(deployments, key, { propagationPolicy: 'Background' })
  await until('all is gone', async () => (await setsOf(hub)).length === 0)
  const stranger = {
    apiVersion: 'apps/v1' as const,
    kind: 'ReplicaSet' as const,
    metadata: { name: first?.metadata.name ?? '', namespace: 'default' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'other' } },
      template: { metadata: { labels: { app: 'other' } }, spec: first?.spec.template?.spec },
    },
  }
  await hub.client.create(replicaSets, stranger as never)
  await hub.client.create(deployments, webOf('busybox:1', { replicas: 1 }))
  await rolledOut(hub, 1)
  expect((await read(hub)).status?.collisionCount).toBe(1)
  expect((await setsOf(hub)).filter(({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'Deployment')).toHaveLength(1)
})

test('what happened is told in the events that kubectl describe shows', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub)
  const [set] = await setsOf(hub)
  const messages = await until('the events are there', async () => {
    const { items } = await hub.client.list(events, { namespace: 'default' })
    return (
      items.filter(({ reason }) => reason === 'SuccessfulCreate').length === 3 &&
      items.map(({ reason, message }) => `${reason}: ${message}`)
    )
  })
  expect(messages).toContain(`ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 3`)
})

test('deleting a deployment takes its ReplicaSets and pods along', async () => {
  await using hub = await startHub()
  await hub.client.create(deployments, webOf('busybox:1'))
  await rolledOut(hub)
  await hub.client.delete(deployments, key)
  await until('all is gone', async () => (await setsOf(hub)).length === 0 && (await podsOf(hub)).length === 0)
})

test('a revision of 64 bits is read, told and counted on with all its digits', async () => {
  await using hub = await startHub()
  const revision = 'deployment.kubernetes.io/revision'
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } }
  const adopted = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web-old', namespace: 'default', labels: { app: 'web' }, annotations: { [revision]: '3546343826724305832' } },
    spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
  }
  await hub.client.create(replicaSets, adopted as never) // the API adds the defaults
  await hub.client.create(deployments, webOf('busybox:1', { replicas: 1 }))
  await rolledOut(hub, 1)
  const told = async () => (await read(hub)).metadata.annotations?.[revision]
  expect([await told(), ...(await setsOf(hub)).map(({ metadata }) => metadata.annotations?.[revision])]).toEqual([
    '3546343826724305832',
    '3546343826724305832',
  ])
  await setImage(hub, 'busybox:2')
  await rolledOut(hub, 1)
  expect(await told()).toBe('3546343826724305833')
})
